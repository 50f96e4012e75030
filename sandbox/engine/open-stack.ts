import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LocalWorkspace, type PulumiFn, Stack } from "@pulumi/pulumi/automation";
import { nodeImages } from "../node/systems";
import type { ProgressSink } from "../progress";
import { startProviders } from "../providers";
import { ensureTools } from "../tools";
import { UserError } from "../user-error";
import { chooseBackend, stateFolder } from "./backend";
import { connect } from "./cluster-client";
import { separateConnections } from "./connections";
import { writeOfficialForm } from "./official-form";
import { explainPassphrase, givenPassphrase, stateSalt } from "./passphrase";
import { chooseProviders, type ProviderChoice, rememberProviders } from "./providers";
import { type EngineProcess, engineProcess, PulumiCommandFailed } from "./pulumi-command";
import { watchRegistrations } from "./registrations";
import { RunJournal } from "./run-journal";
import { withoutSourcePositions } from "./source-positions";
import type { StateAccess } from "./stack-state";
import { releaseStaleLocks } from "./state-lock";
import { checkIdentity, type Target } from "./target";
import { prepareWorkFolder, readStackFile } from "./work-folder";

/** Name in Pulumi.yaml. */
export const PROJECT = "platform";

export interface StackRequest {
  /** Name of the stack: there is a file `Pulumi.<stack>.yaml`. */
  readonly stack: string;
  readonly target: Target;
  /** @default "auto" */
  readonly providers?: ProviderChoice;
  /** The program to run. @default the repository's `index.ts` */
  readonly program?: PulumiFn;
  /** Folder of Pulumi.yaml and the stack files. @default this repository */
  readonly repository?: string;
  /** Folder for everything that a run writes. @default `.sandbox` in the repository */
  readonly sandboxFolder?: string;
  readonly progress: ProgressSink;
}

/** A stack that is ready for operations of the engine. */
export interface OpenStack extends StateAccess {
  readonly stack: Stack;
  readonly engine: EngineProcess;
  /** Folder of the stack file, where `pulumi` runs. */
  readonly workFolder: string;
  /** Of the embedded cluster's stack, whichever providers serve this run: a killed one may have had others. */
  readonly lastJournal: RunJournal | undefined;
  /** Of the embedded cluster's stack, when the builtin providers serve it and `PLATFORM_STATE_JOURNAL` is `true`. */
  readonly journal: RunJournal | undefined;
  /** Notes the providers of this run as the ones that the stack is made with. */
  rememberProviders(): void;
  /** What to tell the user when the engine refuses the passphrase. */
  explainPassphrase(): string;
  /** Ends the providers. Call it always. */
  close(): Promise<void>;
}

interface StackNeeds {
  readonly create: boolean;
  readonly providers: boolean;
  readonly recover?: boolean;
  readonly onEngine?: (engine: EngineProcess) => void;
}

/**
 * Checks that the target is the right one and answers, then sets up everything the engine needs: the work folder, the
 * backend, the providers and the variables by which the program learns its cluster.
 * @param needs.create make the stack if it does not exist yet; otherwise that is an error
 * @param needs.providers false when only the state is read; no lock is needed for that
 * @param needs.recover the user says that a run on another machine, whose lock the embedded cluster's stack has, is dead
 * @param needs.onEngine gets the engine before its first call, so that the caller can interrupt it
 * @throws UserError before anything is touched when something does not fit
 */
export async function openStack(request: StackRequest, needs: StackNeeds): Promise<OpenStack> {
  separateConnections();
  withoutSourcePositions();
  watchRegistrations(undefined);
  const { stack, target, progress } = request;
  const repository = request.repository ?? resolve(__dirname, "../..");
  const sandboxFolder = request.sandboxFolder ?? join(repository, ".sandbox");
  // The same stack may run on both, and the salts of the two must not mix.
  const workFolder = join(sandboxFolder, target.kind === "sandbox" ? "work" : "cluster-work", stack);
  const realNode =
    target.realNode === undefined
      ? undefined
      : {
          images: target.realNode === "sandbox" ? nodeImages() : [],
          apiServerPort: Number(new URL(target.server).port),
        };
  const inState = () => stateSalt(stateFolder(sandboxFolder), PROJECT, stack);
  const { file, warnings } = prepareWorkFolder(
    repository,
    workFolder,
    stack,
    realNode,
    target.kind === "sandbox" ? () => inState().salt : undefined,
  );
  // Commands that only read the state have nothing to do with images.
  if (needs.providers) for (const warning of warnings) progress.warn(warning);
  if (target.kind === "cluster") checkIdentity(stack, file.cluster, target);
  const backend = chooseBackend(target, stack, file, sandboxFolder, process.env);
  if (target.kind === "cluster") await (await connect(target)).checkReachable();

  const { pulumi: path } = await ensureTools(["pulumi"], progress);
  const environment: Record<string, string | undefined> = {
    ...backend.environment,
    PULUMI_HOME: backend.home,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true", // `chooseProviders` does that, within a time limit
  };
  const engine = await engineProcess(path, environment);
  needs.onEngine?.(engine);
  const pulumi = async (args: string[], input?: string) => (await engine.run(args, workFolder, input)).stdout;
  const selection = {
    choice: request.providers ?? "auto",
    home: backend.home,
    workFolder,
    target: target.kind,
    progress,
    pulumi,
  };
  const kind = needs.providers ? await chooseProviders(selection) : undefined;
  tellProgram(target); // before the providers start, which get this process's variables
  const logFile = join(sandboxFolder, "providers.log");
  // A real cluster's state keeps the form of the published plugins, because anybody may go on with them.
  const embedded = target.kind === "sandbox";
  const passphrase = givenPassphrase({ ...process.env, ...backend.environment }).value;
  const lastJournal = embedded ? RunJournal.of(stateFolder(sandboxFolder), PROJECT, stack, passphrase) : undefined;
  // Not the default before it has stood more kills than the tests make; a run that was killed is repaired in any case.
  const keepsJournal = kind === "builtin" && process.env["PLATFORM_STATE_JOURNAL"] === "true";
  const journal = keepsJournal ? lastJournal : undefined;
  if (journal !== undefined) environment["PULUMI_SKIP_CHECKPOINTS"] = "true";
  const providers =
    kind === "builtin"
      ? await startProviders({ logFile, embedded, ...(journal && { journal: journal.target }) })
      : undefined;
  Object.assign(environment, providers?.environment);
  try {
    if (target.kind === "sandbox" && needs.providers) {
      const recover = needs.recover ?? false;
      await releaseStaleLocks(stateFolder(sandboxFolder), PROJECT, stack, progress, { recover });
    }
    await selectStack(stack, needs.create, pulumi);
    if (target.kind === "sandbox" && kind === "official") await writeOfficialForm({ pulumi }, stack);
    const workspace = await LocalWorkspace.create({
      workDir: workFolder,
      pulumiHome: backend.home,
      pulumiCommand: engine.command,
      ...(request.program !== undefined && { program: request.program }),
    });
    return {
      stack: await Stack.select(stack, workspace),
      engine,
      workFolder,
      pulumi,
      lastJournal,
      journal,
      rememberProviders() {
        if (kind !== undefined) rememberProviders(workFolder, kind);
      },
      explainPassphrase() {
        const copy = join(workFolder, `Pulumi.${stack}.yaml`);
        return explainPassphrase({
          stack,
          target: target.kind,
          passphrase: givenPassphrase({ ...process.env, ...environment }),
          fileSalt: file.ownPassphrase ? file.salt : undefined,
          encryptedValues: file.encryptedValues,
          copy: { path: copy, salt: readStackFile(copy, readFileSync(copy, "utf8"), "").salt },
          state: target.kind === "sandbox" ? inState() : undefined,
        });
      },
      close: async () => providers?.stop(),
    };
  } catch (error) {
    await providers?.stop();
    throw error;
  }
}

/**
 * `index.ts` reads the first ones; a plain `pulumi up` goes without them and uses the user's kubeconfig. The providers find
 * a cluster of the user's by KUBECONFIG: an argument would be in the state, and differ for the next person.
 */
function tellProgram(target: Target): void {
  if (target.kind === "cluster") process.env["KUBECONFIG"] = target.kubeconfig;
  process.env["PLATFORM_KUBECONFIG"] = target.kubeconfig;
  process.env["PLATFORM_CONTEXT"] = target.context;
  if (target.kind === "sandbox") process.env["PLATFORM_SANDBOX"] = "true";
  else delete process.env["PLATFORM_SANDBOX"];
}

async function selectStack(stack: string, create: boolean, pulumi: (args: string[]) => Promise<string>): Promise<void> {
  try {
    await pulumi(["stack", "select", "--stack", stack, ...(create ? ["--create"] : [])]);
  } catch (error) {
    if (!(error instanceof PulumiCommandFailed)) throw error;
    if (/no stack named/.test(error.stderr)) {
      throw new UserError(`Stack ${stack} has not been brought up here yet, so there is nothing to work on.`);
    }
    throw new UserError(`Stack ${stack} cannot be opened: ${error.reason}`);
  }
}
