import type { DiagnosticEvent, EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { type PropertyChange, propertyChanges } from "./property-changes";
import { parseUrn, resourceLabel } from "./resource-label";

/** What happens to a resource in a run. `read` stands for every operation that changes nothing. */
export type ChangeKind = "create" | "update" | "replace" | "delete" | "import" | "same" | "read";

/** One resource of a run: a Kubernetes object, a generated password, … ; components and providers are left out. */
export interface ResourceChange {
  readonly urn: string;
  /** Type token, for example `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** For people: "Deployment openchecker/main". */
  readonly label: string;
  readonly kind: ChangeKind;
  readonly properties: readonly PropertyChange[];
}

/** Number of resources per kind of change. */
export type ChangeCounts = Readonly<Record<ChangeKind, number>>;

/** A resource (or the program, then without a label) that failed, with its own messages. */
export interface Failure {
  /** Empty for the program. */
  readonly urn?: string;
  readonly label: string | undefined;
  readonly messages: readonly string[];
}

/** Listens to the engine's events of one run and keeps what the reader will want to know of it. */
export class RunRecord {
  private readonly resources = new Map<string, ResourceChange>();
  private readonly running = new Map<string, { readonly label: string; status: string }>();
  private readonly labels = new Map<string, string>();
  private readonly errors = new Map<string, string[]>();
  private readonly warnings = new Set<string>();
  private readonly finished = new Set<string>();

  /** Takes the next event of the engine. */
  handle(event: EngineEvent): void {
    if (event.resourcePreEvent !== undefined) this.started(event.resourcePreEvent.metadata);
    if (event.resOutputsEvent !== undefined) this.ended(event.resOutputsEvent.metadata, true);
    if (event.resOpFailedEvent !== undefined) this.ended(event.resOpFailedEvent.metadata, false);
    if (event.diagnosticEvent !== undefined) this.diagnostic(event.diagnosticEvent);
  }

  /** The finished resources, in the order in which the engine came to them. */
  get changes(): ResourceChange[] {
    return [...this.resources.values()].filter(({ urn }) => this.finished.has(urn));
  }

  get counts(): ChangeCounts {
    const counts = { create: 0, update: 0, replace: 0, delete: 0, import: 0, same: 0, read: 0 };
    for (const { kind } of this.changes) counts[kind] += 1;
    return counts;
  }

  get failures(): Failure[] {
    return [...this.errors].map(([urn, messages]) => ({ urn, label: this.labels.get(urn), messages }));
  }

  get warningMessages(): string[] {
    return [...this.warnings];
  }

  /** One line for the progress display: how much is done, and what the run is waiting for. */
  get progress(): string {
    const waiting = [...this.running.values()].map(({ label, status }) =>
      status === "" ? label : `${label}: ${status}`,
    );
    const done = `${this.finished.size} done`;
    if (waiting.length === 0) return done;
    const more = waiting.length > 1 ? ` (and ${waiting.length - 1} more)` : "";
    // The one that says what it waits for tells more than one that has only just begun.
    const shown = waiting.find((line) => line.includes(": ")) ?? waiting[0];
    return `${done}, ${shown}${more}`;
  }

  private started(metadata: StepEventMetadata): void {
    if (!isShown(metadata)) return;
    const label = this.remember(metadata);
    this.note(metadata, label);
    if (metadata.op !== "same") this.running.set(metadata.urn, { label, status: "" });
  }

  private ended(metadata: StepEventMetadata, well: boolean): void {
    if (!isShown(metadata)) return;
    const label = this.remember(metadata);
    this.running.delete(metadata.urn);
    if (!well) return;
    this.note(metadata, label);
    this.finished.add(metadata.urn);
  }

  private remember(metadata: StepEventMetadata): string {
    const label = resourceLabel(metadata.urn, metadata.new ?? metadata.old);
    this.labels.set(metadata.urn, label);
    return label;
  }

  /** A replacement comes as several steps of one resource, of which the replacement is what counts. */
  private note(metadata: StepEventMetadata, label: string): void {
    const before = this.resources.get(metadata.urn);
    const kind = changeKind(metadata.op);
    const properties = propertyChanges(metadata);
    this.resources.set(metadata.urn, {
      urn: metadata.urn,
      type: metadata.type,
      label,
      kind: before?.kind === "replace" ? "replace" : kind,
      properties: properties.length > 0 ? properties : (before?.properties ?? []),
    });
  }

  private diagnostic(event: DiagnosticEvent): void {
    const severity: string = event.severity;
    if (severity === "debug") return; // the engine's own notes, in which secrets are readable
    const message = plainText(event.message);
    if (message === "") return;
    const urn = event.urn ?? "";
    const running = this.running.get(urn);
    if (running !== undefined && event.severity !== "error") running.status = message.split("\n")[0] ?? "";
    if (event.ephemeral === true) return;
    if (event.severity === "error") {
      const messages = this.errors.get(urn) ?? [];
      if (!messages.includes(message)) this.errors.set(urn, [...messages, message]);
    }
    if (event.severity === "warning") {
      const label = this.labels.get(urn);
      this.warnings.add(label === undefined ? message : `${label}: ${message}`);
    }
  }
}

function isShown(metadata: StepEventMetadata): boolean {
  const state = metadata.new ?? metadata.old;
  return state?.custom !== false && metadata.provider !== "" && !parseUrn(metadata.urn).type.startsWith("pulumi:");
}

function changeKind(operation: string): ChangeKind {
  if (operation.includes("replace")) return "replace";
  if (operation === "create" || operation === "update" || operation === "same") return operation;
  if (operation === "delete" || operation === "import") return operation;
  return operation === "discard" ? "delete" : "read";
}

/** The engine marks colours as `<{%reset%}>`. */
export function plainText(message: string): string {
  return message.replace(/<\{%.*?%\}>/g, "").trim();
}
