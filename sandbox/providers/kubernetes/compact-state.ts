import { formatPath, type PropertyPath } from "../protocol/property-path";
import {
  deepEqual,
  isMap,
  isSecret,
  makeSecret,
  mapAt,
  type PropertyMap,
  type PropertyValue,
  reveal,
} from "../protocol/property-values";
import {
  type DeleteRequest,
  type DiffRequest,
  InitializationError,
  type ReadRequest,
  type ResourceProvider,
  type UpdateRequest,
} from "../protocol/resource-provider";
import { fieldManagerKey, importedKey, initialApiVersionKey, inputsKey, markSecrets } from "./checkpoint";
import { type Configuration, readConfiguration } from "./configuration";
import { immutablePaths } from "./immutable-fields";
import { normalizeInputs, withDashes, withUnderscores } from "./inputs";
import { kindOf } from "./kinds";
import { pruneTo } from "./live-fields";

/**
 * The official form of a state holds every object three times: the inputs, a copy of them in the outputs, and the live
 * object. The engine writes the whole state over and over, so that the copies cost a good part of a first `up`. In the
 * compact form the outputs hold only what differs from the inputs.
 *
 * Whoever reads the compact form as if it were the official one, like a published plugin, must not come to the
 * conclusion that something has to be replaced. So what can replace an object (name, namespace, and fields that cannot
 * be changed in place) always stays; the worst that can happen is an update that changes nothing.
 */

/** Marks outputs in compact form, which are only complete together with the inputs of the same resource. */
export const compactKey = "__compact";

/** Properties of which only the part counts that the inputs speak about: what the server adds are mere defaults. */
const defaulted: Readonly<Record<string, string>> = {
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy": "spec",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": "spec",
  "apps/DaemonSet": "spec",
  "apps/Deployment": "spec",
  "apps/StatefulSet": "spec",
  "autoscaling/HorizontalPodAutoscaler": "spec",
  "batch/CronJob": "spec",
  "batch/Job": "spec",
  "networking.k8s.io/Ingress": "spec",
  "networking.k8s.io/NetworkPolicy": "spec",
};

export type Mutability = Pick<Configuration, "enableConfigMapMutable" | "enableSecretMutable">;

/**
 * Outputs without what the inputs say already; as they are when the two together would not give them back.
 *
 * @param outputs in the official form
 * @param inputs that the engine keeps with them
 */
export function compactOutputs(outputs: PropertyMap, inputs: PropertyMap, mutability: Mutability): PropertyMap {
  const wanted = reveal(inputs);
  // Of an imported object everything is told that the program may come to speak about.
  if (outputs[importedKey] === true || !deepEqual(reveal(outputs[inputsKey] ?? null), wanted)) return outputs;
  const { [inputsKey]: _, [fieldManagerKey]: manager, [initialApiVersionKey]: version, ...all } = outputs;
  const live = withoutDefaults(all, wanted);
  const stays = pathsThatStay(wanted, mutability);
  if (stays === undefined) return outputs;
  const rest = difference(live, wanted, new Set(stays.map(formatPath)), []);
  if (!deepEqual(reveal(merge(wanted, rest)), reveal(live))) return outputs;
  return {
    ...rest,
    [inputsKey]: pick(inputs, stays),
    ...(manager !== undefined && { [fieldManagerKey]: manager }),
    ...(version !== undefined && { [initialApiVersionKey]: version }),
    [compactKey]: true,
  };
}

/** Outputs in the official form, from either form. */
export function completeOutputs(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  const { [compactKey]: isCompact, [inputsKey]: _, ...rest } = outputs;
  if (isCompact !== true) return outputs;
  return { ...merge(inputs, rest), [inputsKey]: inputs };
}

/**
 * The same for whoever has the inputs as the program gives them, before the provider has completed them.
 *
 * @param given the program's inputs
 */
export function completeForProgram(outputs: PropertyMap, given: PropertyMap): PropertyMap {
  if (outputs[compactKey] !== true) return outputs;
  const { stringData: _, ...marked } = given;
  return completeOutputs(outputs, markSecrets(withUnderscores(normalizeInputs(withDashes(reveal(given)))), marked));
}

/** The claim's whole `spec` is what the official provider replaces it for. */
const whollyReplacing: Readonly<Record<string, PropertyPath>> = { "/PersistentVolumeClaim": ["spec"] };

/** Paths that a reader of the official form must find; undefined when they cannot be told. */
function pathsThatStay(wanted: PropertyMap, mutability: Mutability): PropertyPath[] | undefined {
  const { group, kind } = kindOf(wanted);
  const replacing = immutablePaths(wanted, mutability);
  if (replacing.flat().includes("*")) return undefined;
  const whole = whollyReplacing[`${group}/${kind}`];
  return [["apiVersion"], ["kind"], ...replacing, ...(whole === undefined ? [] : [whole])];
}

function withoutDefaults(live: PropertyMap, wanted: PropertyMap): PropertyMap {
  const { group, kind } = kindOf(wanted);
  const key = defaulted[`${group}/${kind}`];
  const value = key === undefined ? undefined : live[key];
  if (key === undefined || !isPlainMap(value)) return live;
  return { ...live, [key]: mapAt(pruneTo({ [key]: value }, wanted), key) };
}

/** An object that is not a secret mark. */
function isPlainMap(value: PropertyValue | undefined): value is PropertyMap {
  return isMap(value) && !isSecret(value);
}

/** What of `live` is not in `wanted`, with everything at the paths that stay. Lists are all or nothing. */
function difference(
  live: PropertyMap,
  wanted: PropertyMap,
  stays: ReadonlySet<string>,
  path: PropertyPath,
): PropertyMap {
  const entries = Object.entries(live).flatMap(([key, value]): [string, PropertyValue][] => {
    const here = [...path, key];
    if (stays.has(formatPath(here))) return [[key, value]];
    const counterpart = wanted[key];
    if (isPlainMap(value) && isMap(counterpart)) {
      const inner = difference(value, counterpart, stays, here);
      return Object.keys(inner).length > 0 ? [[key, inner]] : [];
    }
    return counterpart !== undefined && deepEqual(reveal(value), counterpart) ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}

/** Both objects in one; `rest` wins. */
function merge(inputs: PropertyMap, rest: PropertyMap): PropertyMap {
  const merged: PropertyMap = { ...inputs };
  for (const [key, value] of Object.entries(rest)) {
    const input = inputs[key];
    if (isPlainMap(value) && isSecret(input)) merged[key] = makeSecret(merge(reveal(input), value));
    else merged[key] = isPlainMap(value) && isPlainMap(input) ? merge(input, value) : value;
  }
  return merged;
}

/** The part of an object at some paths. */
function pick(object: PropertyMap, paths: readonly PropertyPath[]): PropertyMap {
  const kept = Object.entries(object).flatMap(([key, value]): [string, PropertyValue][] => {
    const below = paths.filter(([first]) => first === key).map((path) => path.slice(1));
    if (below.some((path) => path.length === 0)) return [[key, value]];
    if (below.length === 0 || !isPlainMap(value)) return [];
    const inner = pick(value, below);
    return Object.keys(inner).length > 0 ? [[key, inner]] : [];
  });
  return Object.fromEntries(kept);
}

/** The same provider, whose outputs are compact in the state; it understands both forms. */
export function withCompactState(provider: ResourceProvider): ResourceProvider {
  let mutability: Mutability = { enableConfigMapMutable: false, enableSecretMutable: false };
  const compact = (outputs: PropertyMap, inputs: PropertyMap) => compactOutputs(outputs, inputs, mutability);
  return {
    checkConfig: (inputs) => provider.checkConfig(inputs),
    diffConfig: (oldInputs, newInputs) => provider.diffConfig(oldInputs, newInputs),
    async configure(args) {
      await provider.configure(args);
      mutability = readConfiguration(args, process.env);
    },
    check: (request) => provider.check(request),
    cancel: () => provider.cancel(),
    diff: (request) => provider.diff(withCompleteOldOutputs(request)),
    async create(request) {
      const { id, outputs } = await compactingErrors(provider.create(request), request.inputs, compact);
      return { id, outputs: compact(outputs, request.inputs) };
    },
    async update(request) {
      const { outputs } = await compactingErrors(
        provider.update(withCompleteOldOutputs(request)),
        request.newInputs,
        compact,
      );
      return { outputs: compact(outputs, request.newInputs) };
    },
    delete: (request) => compactingErrors(provider.delete(withCompleteOutputs(request)), request.inputs, compact),
    async read(request) {
      // The engine keeps the program's inputs with an object that is imported, not those that are read here.
      if (request.inputs["kind"] === undefined) return await provider.read(request);
      const found = await compactingErrors(provider.read(withCompleteOutputs(request)), request.inputs, compact);
      return found && { ...found, outputs: compact(found.outputs, found.inputs) };
    },
  };
}

function withCompleteOldOutputs<Request extends DiffRequest | UpdateRequest>(request: Request): Request {
  return { ...request, oldOutputs: completeOutputs(request.oldOutputs, request.oldInputs) };
}

function withCompleteOutputs<Request extends ReadRequest | DeleteRequest>(request: Request): Request {
  return { ...request, outputs: completeOutputs(request.outputs, request.inputs) };
}

/** An object that is not ready goes into the state as well. */
async function compactingErrors<Result>(
  work: Promise<Result>,
  inputs: PropertyMap,
  compact: (outputs: PropertyMap, inputs: PropertyMap) => PropertyMap,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof InitializationError)) throw error;
    const { details } = error;
    const outputs = compact(details.outputs, details.inputs ?? inputs);
    throw new InitializationError(error.message, { ...details, outputs });
  }
}
