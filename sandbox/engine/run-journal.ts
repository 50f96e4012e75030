import { scryptSync } from "node:crypto";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { appendEntry, type JournalTarget, type OperationEntry, readEntries } from "../providers/journal";
import type { PropertyMap } from "../providers/protocol/property-values";
import { UserError } from "../user-error";
import type { ExportedStack } from "./pending-operations";
import { type JournalEntry, type RegistrationEntry, rebuildState } from "./rebuild-state";
import { watchRegistrations } from "./registrations";

/** First entry: what the state file was when the run began. */
interface BeginningEntry {
  readonly step: "beginning";
  readonly state: string;
}

/**
 * What a run on the embedded cluster has changed so far. The engine writes its state only at the end of such a run,
 * because writing it after every step takes longer than everything else together. A run that ends in order removes its
 * journal; after one that was killed the next run makes the state from it.
 */
export class RunJournal {
  private constructor(
    readonly target: JournalTarget,
    private readonly stateFile: string,
    private readonly identity: { readonly stack: string; readonly project: string },
  ) {}

  /**
   * @param state folder of the file backend
   * @param passphrase that encrypts the state as well
   */
  static of(state: string, project: string, stack: string, passphrase: string): RunJournal {
    const key = scryptSync(passphrase, `journal of ${project}/${stack}`, 32).toString("base64");
    const stateFile = join(state, ".pulumi", "stacks", project, `${stack}.json`);
    return new RunJournal({ file: join(state, `${stack}.journal`), key }, stateFile, { project, stack });
  }

  /** Notes from now on what the program registers; the providers note what they do. */
  begin(): void {
    rmSync(this.target.file, { force: true });
    appendEntry(this.target, { step: "beginning", state: this.stateVersion() } satisfies BeginningEntry);
    watchRegistrations((request) => appendEntry(this.target, registrationEntry(request)));
  }

  /**
   * Of no use any more when the engine has written its state, unless a provider was killed in the middle of something.
   * Otherwise it stays for the next run.
   */
  end(): void {
    watchRegistrations(undefined);
    if (!this.isReadable()) return;
    const [beginning, ...entries] = readEntries<BeginningEntry | JournalEntry>(this.target);
    const operations = (entries as JournalEntry[]).filter(isOperation);
    const isWritten = beginning?.step === "beginning" && beginning.state !== this.stateVersion();
    if (operations.length === 0 || (isWritten && !hasUnfinished(operations))) this.forget();
  }

  /**
   * The state with what a killed run has done; undefined when there was no such run.
   * @throws UserError when its notes were encrypted with another passphrase
   */
  repaired<Exported extends ExportedStack>(exported: Exported): Exported | undefined {
    if (!this.isReadable()) {
      throw new UserError(
        `The last run was killed, and its notes in ${this.target.file} cannot be read with this passphrase. Run the ` +
          "command again with the passphrase of that run. Nothing has been touched.",
      );
    }
    const [beginning, ...rest] = readEntries<BeginningEntry | JournalEntry>(this.target);
    if (beginning?.step !== "beginning") return undefined;
    const entries = rest as JournalEntry[];
    if (!entries.some(isOperation)) return undefined;
    const isWritten = this.stateVersion() !== beginning.state;
    return rebuildState(exported, isWritten ? unrecorded(entries, exported) : entries, this.identity);
  }

  forget(): void {
    rmSync(this.target.file, { force: true });
  }

  private isReadable(): boolean {
    try {
      readEntries(this.target);
      return true;
    } catch {
      return false;
    }
  }

  private stateVersion(): string {
    try {
      const { mtimeMs, size } = statSync(this.stateFile);
      return `${mtimeMs} ${size}`;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "none";
      throw error;
    }
  }
}

function isOperation(entry: JournalEntry): entry is OperationEntry {
  return entry.step !== "registration";
}

function hasUnfinished(operations: readonly OperationEntry[]): boolean {
  const open = new Set<string>();
  for (const { step, urn, operation } of operations.filter((each) => each.operation !== "update")) {
    if (step === "begin") open.add(`${operation} ${urn}`);
    else open.delete(`${operation} ${urn}`);
  }
  return open.size > 0;
}

/**
 * The state was written after all, by an engine that could end in order or by somebody else. It knows best, except of
 * objects that were created or deleted without its hearing of it: the cluster is asked about those, and generated values
 * are kept.
 */
function unrecorded(entries: readonly JournalEntry[], exported: ExportedStack): JournalEntry[] {
  const known = new Set((exported.deployment.resources ?? []).map(({ urn }) => urn));
  return entries.filter((entry) => {
    if (entry.step === "registration" || entry.step === "failed") return true;
    if (entry.operation === "delete") return entry.step === "begin";
    if (entry.operation !== "create") return false;
    return entry.type.startsWith("kubernetes:") ? entry.step === "begin" : !known.has(entry.urn);
  });
}

function registrationEntry(request: RegisterResourceRequest): RegistrationEntry {
  const timeouts = request.getCustomtimeouts()?.toObject();
  const isProvider = request.getType().startsWith("pulumi:providers:");
  return {
    step: "registration",
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    custom: request.getCustom(),
    provider: request.getProvider(),
    version: request.getVersion(),
    ...(isProvider && { inputs: (request.getObject()?.toJavaScript() ?? {}) as PropertyMap }),
    options: {
      dependencies: request.getDependenciesList(),
      propertyDependencies: Object.fromEntries(
        request
          .getPropertydependenciesMap()
          .toArray()
          .map(([key, list]) => [key, (list as unknown as [string[]])[0] ?? []]),
      ),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      ...(request.getProtect() && { protect: true }),
      ...(request.getRetainondelete() && { retainOnDelete: true }),
      ...(request.getDeletedwith() !== "" && { deletedWith: request.getDeletedwith() }),
      ...(request.getIgnorechangesList().length > 0 && { ignoreChanges: request.getIgnorechangesList() }),
      ...(timeouts && { customTimeouts: seconds(timeouts) }),
    },
  };
}

/** `10m` and the like, which the state has in seconds. */
function seconds(timeouts: Readonly<Record<string, string>>): Record<string, number> {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };
  const total = (text: string) =>
    [...text.matchAll(/([\d.]+)(h|m|s)/g)].reduce(
      (sum, [, count, unit = "s"]) => sum + Number(count) * (units[unit] ?? 0),
      0,
    );
  return Object.fromEntries(
    Object.entries(timeouts).flatMap(([key, text]) => (text === "" ? [] : [[key, total(text)]])),
  );
}
