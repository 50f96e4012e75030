import { resolve } from "node:path";
import { namedMetadata } from "./render/generated-outputs";
import { type ProgramEnvironment, type Registration, recordProgram } from "./render/recording-monitor";
import { readStackFile } from "./render/stack-file";

/** A Kubernetes object as it is sent to the API server, secrets replaced by `[secret]`. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

const ROOT = resolve(__dirname, "..");

/**
 * Every Kubernetes object of a stack, each after the objects it needs, without engine and cluster.
 * @param folder the checkout to render, when it is not this one
 */
export async function renderStack(stack: string, folder: string = ROOT): Promise<Manifest[]> {
  return renderConfiguration(readStackFile(folder, stack), folder);
}

/** The same for a configuration that is in no file. */
export async function renderConfiguration(environment: ProgramEnvironment, folder: string = ROOT): Promise<Manifest[]> {
  return inDependencyOrder(await record(environment, folder))
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(manifestOf);
}

/** Every resource that a stack registers, generated passwords and components included, as the engine would see it. */
export async function recordStack(stack: string, folder: string = ROOT): Promise<Registration[]> {
  return record(readStackFile(folder, stack), folder);
}

/** The same for a configuration that is in no file. */
export async function recordConfiguration(environment: ProgramEnvironment): Promise<Registration[]> {
  return record(environment, ROOT);
}

function record(environment: ProgramEnvironment, folder: string): Promise<Registration[]> {
  return recordProgram(programOf(folder), environment);
}

/** By a name that a bundler can read, where it is this checkout's own. */
function programOf(folder: string): () => Promise<unknown> {
  return folder === ROOT ? require("../index") : require(resolve(folder, "index.ts"));
}

function manifestOf({ inputs, name }: Registration): Manifest {
  const { apiVersion, kind, metadata, ...rest } = inputs;
  return {
    apiVersion: String(apiVersion),
    kind: String(kind),
    metadata: namedMetadata(metadata, name) as Manifest["metadata"],
    ...rest,
  };
}

/** Orders registrations so that each comes after its dependencies, and otherwise by type and name. */
export function inDependencyOrder(registrations: readonly Registration[]): Registration[] {
  const sorted = [...registrations].sort((a, b) => (orderKey(a) < orderKey(b) ? -1 : 1));
  const byUrn = new Map(sorted.map((each) => [each.urn, each]));
  const ordered = new Set<Registration>();
  const place = (registration: Registration): void => {
    if (ordered.has(registration)) {
      return;
    }
    for (const dependency of [...registration.dependencies].sort()) {
      const needed = byUrn.get(dependency);
      if (needed !== undefined) {
        place(needed);
      }
    }
    ordered.add(registration);
  };
  sorted.forEach(place);
  return [...ordered];
}

function orderKey({ inputs, type, name }: Registration): string {
  const { namespace = "" } = (inputs["metadata"] ?? {}) as { namespace?: string };
  return `${namespace}\0${type}\0${name}`;
}
