import { once } from "node:events";
import type { EngineEvent, OutputMap } from "@pulumi/pulumi/automation";
import { UserError } from "../user-error";
import { describeFailure } from "./failure-report";
import {
  type ImportedObject,
  type ImportedShapes,
  importingProgram,
  importTarget,
  refuseHeldObjects,
  settleImport,
} from "./import-object";
import { handleInterrupts } from "./interrupt";
import { type OpenStack, openStack, type StackRequest } from "./open-stack";
import { platformProgram, rememberError } from "./program";
import { type EngineProcess, PulumiCommandFailed } from "./pulumi-command";
import { recoverInterruptedRun } from "./recovery";
import { parseUrn } from "./resource-label";
import { type ChangeCounts, type ResourceChange, RunRecord } from "./run-record";
import { exportStack, rewriteStack } from "./stack-state";
import { adviceFor, isAboutExisting } from "./stored-objects";

/** What the engine can be asked to do with a stack. */
export type Operation = "preview" | "up" | "refresh" | "destroy" | "import";

export interface RunOptions {
  /** URNs to restrict the operation to. @default all resources */
  readonly targets?: readonly string[];
  /** URNs to replace even if they do not need it. */
  readonly replace?: readonly string[];
  /** Read the real objects first. @default false */
  readonly refresh?: boolean;
  /** Operations at the same time. @default the engine's */
  readonly parallel?: number;
  /** Fail when something would change or was changed. @default false */
  readonly expectNoChanges?: boolean;
  /**
   * Remove the lock of a killed run and repair the state. On the embedded cluster both are always done; there it is only
   * about the lock of a run on another machine, which cannot be seen to be dead.
   * @default false
   */
  readonly recover?: boolean;
  /** The objects to take in, for the operation `import`. */
  readonly import?: readonly ImportedObject[];
}

export interface RunRequest extends StackRequest {
  readonly operation: Operation;
  readonly options?: RunOptions;
  /** Gets every event of the engine as well. Secrets are readable in its diagnostics of severity "debug". */
  readonly onEvent?: (event: EngineEvent) => void;
}

export interface RunResult {
  /** Number of resources per kind of change. */
  readonly counts: ChangeCounts;
  /** Every resource of the run, unchanged ones included. */
  readonly changes: readonly ResourceChange[];
  readonly warnings: readonly string[];
  readonly durationSeconds: number;
  /** The stack's outputs after the run; empty for a preview. */
  readonly outputs: OutputMap;
}

/** A run that failed or was interrupted, described for the user; what it did until then is in `result`. */
export class RunFailed extends UserError {
  constructor(
    message: string,
    readonly result: RunResult,
    /** The user pressed Ctrl-C. */
    readonly interrupted: boolean,
    readonly operation: Operation,
  ) {
    super(message);
  }
}

/**
 * Runs the program on the Pulumi engine.
 * @throws UserError before the engine starts when something is missing or does not fit, RunFailed after that
 */
export async function runStack(request: RunRequest): Promise<RunResult> {
  const makesResources = request.operation === "up" || request.operation === "import";
  const record = new RunRecord();
  const wanted = request.program ?? platformProgram;
  const isImport = request.operation === "import";
  const shapes: ImportedShapes = new Map();
  const program = rememberError(isImport ? importingProgram(wanted, importedObjects(request), shapes) : wanted);
  let began = performance.now();
  const result = (outputs: OutputMap): RunResult => ({
    counts: record.counts,
    changes: record.changes,
    warnings: record.warningMessages,
    durationSeconds: (performance.now() - began) / 1000,
    outputs,
  });
  const { progress } = request;
  let engine: EngineProcess | undefined;
  let open: OpenStack | undefined;
  const interruption = new AbortController();
  const interrupts = handleInterrupts({
    finish: () => {
      // Before that there is nothing to finish: the run just ends.
      if (open !== undefined) {
        progress.warn("interrupted: finishing the running operations; press Ctrl-C again to stop now");
      }
      engine?.signal("SIGINT");
      interruption.abort();
    },
    stop: () => {
      progress.warn("stopping now; the next run will find out what was left half-done");
      engine?.signal("SIGINT");
    },
    kill: () => engine?.signal("SIGKILL"),
  });
  try {
    const onEngine = (started: EngineProcess) => {
      engine = started;
    };
    const create = makesResources || request.operation === "preview";
    const needs = { create, providers: true, recover: request.options?.recover === true, onEngine };
    const opening = openStack({ ...request, program: program.program }, needs);
    open = await unlessInterrupted(opening, interruption.signal);
    began = performance.now();
    await recover(request, open);
    // The engine's call that Ctrl-C ended may have been a part of the recovery, or none was running.
    interruption.signal.throwIfAborted();
    if (isImport) refuseHeldObjects(await exportStack(open, request.stack), importedObjects(request));
    progress.step(`${request.operation} of stack ${request.stack}`);
    if (request.operation !== "preview") open.journal?.begin();
    const outputs = await operate(request, open, (event) => {
      record.handle(event);
      progress.step(`${request.operation} ${request.stack}: ${record.progress}`);
      request.onEvent?.(event);
    });
    if (isImport) {
      await rewriteStack(open, request.stack, (stack) => settleImport(stack, importedObjects(request), shapes));
      const missing = notImported(importedObjects(request), record.changes);
      if (missing.length > 0) throw nothingImported(missing);
    }
    return result(outputs);
  } catch (error) {
    const interrupted = interrupts.interrupted();
    if (error instanceof UserError && !interrupted) throw error;
    const { operation, stack } = request;
    const message = describeFailure({
      operation,
      stack,
      error,
      interrupted,
      record,
      programError: program.error(),
      advice: await adviceOnExisting(record, stack, open),
      explainPassphrase: open?.explainPassphrase,
    });
    throw new RunFailed(message, result({}), interrupted, operation);
  } finally {
    interrupts.dispose();
    open?.journal?.end();
    // A failed run may have made resources as well.
    if (makesResources && record.changes.length > 0) open?.rememberProviders();
    await open?.close();
  }
}

/** Ends at once when the user interrupts; a stack that is opened nevertheless is closed again. */
async function unlessInterrupted(opening: Promise<OpenStack>, signal: AbortSignal): Promise<OpenStack> {
  const interruption = once(signal, "abort").then((): never => {
    throw signal.reason;
  });
  try {
    return await Promise.race([opening, interruption]);
  } catch (error) {
    opening.then(
      (late) => late.close(),
      () => undefined, // it is what has failed, or it does now because it was interrupted
    );
    throw error;
  }
}

/**
 * The values of a stack's outputs, without a run.
 * @throws UserError when the stack has never been brought up
 */
export async function stackOutputs(request: StackRequest): Promise<OutputMap> {
  const open = await openStack(request, { create: false, providers: false });
  try {
    return await open.stack.outputs();
  } catch (error) {
    if (error instanceof PulumiCommandFailed && /incorrect passphrase/.test(error.reason)) {
      throw new UserError(`The outputs of stack ${request.stack} cannot be read: ${open.explainPassphrase()}`);
    }
    throw error;
  } finally {
    await open.close();
  }
}

async function operate(
  request: RunRequest,
  open: OpenStack,
  onEvent: (event: EngineEvent) => void,
): Promise<OutputMap> {
  const { targets, replace, refresh, parallel, expectNoChanges } = request.options ?? {};
  const common = {
    onEvent,
    color: "never" as const,
    ...(targets !== undefined && { target: [...targets] }),
    ...(parallel !== undefined && { parallel }),
  };
  const changing = {
    ...common,
    ...(replace !== undefined && { replace: [...replace] }),
    ...(refresh !== undefined && { refresh }),
  };
  const noChanges = { ...(expectNoChanges !== undefined && { expectNoChanges }) };
  switch (request.operation) {
    case "preview":
      await open.stack.preview({ ...changing, ...noChanges });
      return {};
    case "up":
      return (await open.stack.up({ ...changing, ...noChanges })).outputs;
    case "refresh":
      // The program runs as well, because it is what knows the current address of the cluster.
      await open.stack.refresh({ ...common, ...noChanges, runProgram: true });
      return await open.stack.outputs();
    case "destroy":
      await open.stack.destroy({ ...common, ...(refresh !== undefined && { refresh }), runProgram: true });
      return {};
    case "import":
      return (await open.stack.up({ ...common, target: importedObjects(request).map(importTarget) })).outputs;
  }
}

/** The exact alias for a resource whose object the state holds under a former name. */
async function adviceOnExisting(
  { failures }: RunRecord,
  stack: string,
  open: OpenStack | undefined,
): Promise<ReadonlyMap<string, string>> {
  if (open === undefined || !failures.some(({ messages }) => isAboutExisting(messages))) return new Map();
  try {
    return adviceFor(failures, await exportStack(open, stack));
  } catch (error) {
    // The failure itself is what the user has to learn; without the state the provider's own advice stands.
    if (error instanceof PulumiCommandFailed) return new Map();
    throw error;
  }
}

function notImported(wanted: readonly ImportedObject[], changes: readonly ResourceChange[]): ImportedObject[] {
  const imported = changes.filter(({ kind }) => kind === "import").map(({ urn }) => parseUrn(urn));
  return wanted.filter(({ type, name }) => !imported.some((each) => each.type === type && each.name === name));
}

function nothingImported(missing: readonly ImportedObject[]): UserError {
  const names = missing.map(({ type, name }) => `${name} of type ${type}`).join(", ");
  return new UserError(
    `Nothing was imported for ${names}: the program has no such resource, or the stack holds it already. ` +
      "A preview with --json lists the resources that would be created, with both in their URN.",
  );
}

function importedObjects(request: RunRequest): readonly ImportedObject[] {
  const objects = request.options?.import ?? [];
  if (objects.length === 0) throw new Error("The operation `import` needs options.import.");
  return objects;
}

async function recover(request: RunRequest, open: OpenStack): Promise<void> {
  const { stack, target, progress } = request;
  const asked = request.options?.recover === true;
  if (target.kind === "cluster" && asked) await removeLock(stack, open);
  await recoverInterruptedRun({
    stack,
    target,
    progress,
    workFolder: open.workFolder,
    repair: target.kind === "sandbox" || asked,
    pulumi: open.pulumi,
    journal: open.lastJournal,
    refresh: async (urns) => {
      await open.stack.refresh({ target: urns, color: "never", runProgram: true });
    },
  });
}

/** The user says that the run which holds the lock is dead: on a backend of their own nobody else can know. */
async function removeLock(stack: string, open: OpenStack): Promise<void> {
  try {
    await open.pulumi(["cancel", "--yes", "--stack", stack]);
  } catch (error) {
    // Some backends call it a failure when there is no lock. If there is one, the operation itself reports it.
    if (!(error instanceof PulumiCommandFailed)) throw error;
  }
}
