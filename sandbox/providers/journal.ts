import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { UnreachableError } from "./kubernetes/api-error";
import type { PropertyMap } from "./protocol/property-values";
import { InitializationError, type ResourceProvider } from "./protocol/resource-provider";

/** What a run is doing or has done to one resource. A creation has no id when it begins. */
export type OperationEntry = {
  readonly urn: string;
  readonly type: string;
  readonly operation: "create" | "update" | "delete";
} & (
  | { readonly step: "begin"; readonly id?: string; readonly inputs: PropertyMap }
  | {
      readonly step: "end";
      readonly id: string;
      readonly inputs: PropertyMap;
      readonly outputs: PropertyMap;
      /** Why it is not ready. */
      readonly reasons?: readonly string[];
    }
  /** Nothing has changed; an object whose deletion was given up may still go. */
  | { readonly step: "failed" }
);

/** Where a journal is written, and what encrypts it: generated passwords stand in it. */
export interface JournalTarget {
  readonly file: string;
  /** 32 bytes, base64. */
  readonly key: string;
}

const ivBytes = 12;
const tagBytes = 16;

/**
 * Appends an entry, in one write: several processes share the file. It begins with the end of a line, so that what a
 * killed process has left unfinished spoils no other's entry. Not flushed to the disk: that is for power cuts only.
 */
export function appendEntry({ file, key }: JournalTarget, entry: unknown): void {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(key, "base64"), iv);
  const content = Buffer.concat([cipher.update(JSON.stringify(entry), "utf8"), cipher.final()]);
  const line = Buffer.concat([iv, cipher.getAuthTag(), content]).toString("base64");
  appendFileSync(file, `\n${line}\n`, { mode: 0o600 });
}

/**
 * Every entry in order; a line that a killed process has not finished is left out.
 * @throws Error when there are entries, and this key reads none of them
 */
export function readEntries<Entry>({ file, key }: JournalTarget): Entry[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  const entries = lines.flatMap((line) => {
    try {
      const bytes = Buffer.from(line, "base64");
      const decipher = createDecipheriv("aes-256-gcm", Buffer.from(key, "base64"), bytes.subarray(0, ivBytes));
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      const text = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
      return [JSON.parse(text.toString("utf8")) as Entry];
    } catch {
      return []; // cut off
    }
  });
  if (entries.length === 0 && lines.length > 0 && text.endsWith("\n")) throw new Error(`The key does not fit ${file}.`);
  return entries;
}

/**
 * The same provider, which notes every change before and after it is made. The engine of a run on the embedded cluster
 * writes its state at the end only; after a run that was killed, the next one rebuilds it from these notes.
 */
export function withJournal(provider: ResourceProvider, target: JournalTarget): ResourceProvider {
  const note = (entry: OperationEntry) => appendEntry(target, entry);

  async function noted<Result>(
    about: Pick<OperationEntry, "urn" | "type" | "operation"> & { readonly id?: string },
    inputs: PropertyMap,
    work: () => Promise<Result>,
    state: (result: Result) => { readonly id: string; readonly outputs: PropertyMap },
  ): Promise<Result> {
    note({ ...about, step: "begin", inputs });
    try {
      const result = await work();
      note({ ...about, step: "end", inputs, ...state(result) });
      return result;
    } catch (error) {
      if (error instanceof InitializationError && about.operation !== "delete") {
        const { id, outputs, reasons } = error.details;
        note({ ...about, step: "end", inputs, id, outputs, reasons });
      } else if (!(error instanceof UnreachableError)) note({ ...about, step: "failed" });
      // Without an answer nobody knows what the server has done: the next run asks it.
      throw error;
    }
  }

  return {
    checkConfig: (inputs) => provider.checkConfig(inputs),
    diffConfig: (oldInputs, newInputs) => provider.diffConfig(oldInputs, newInputs),
    configure: (args) => provider.configure(args),
    check: (request) => provider.check(request),
    diff: (request) => provider.diff(request),
    read: (request) => provider.read(request),
    cancel: () => provider.cancel(),
    create(request) {
      if (request.preview) return provider.create(request);
      const { urn, type, inputs } = request;
      return noted(
        { urn, type, operation: "create" },
        inputs,
        () => provider.create(request),
        (result) => result,
      );
    },
    update(request) {
      if (request.preview) return provider.update(request);
      const { urn, type, id, newInputs } = request;
      return noted(
        { urn, type, id, operation: "update" },
        newInputs,
        () => provider.update(request),
        ({ outputs }) => ({ id, outputs }),
      );
    },
    delete(request) {
      const { urn, type, id } = request;
      return noted(
        { urn, type, id, operation: "delete" },
        {},
        () => provider.delete(request),
        () => ({ id, outputs: {} }),
      );
    },
  };
}
