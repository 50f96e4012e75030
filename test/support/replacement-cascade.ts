import { immutablePaths } from "../../sandbox/providers/kubernetes/immutable-fields";
import type { Registration } from "../../stacks/render/recording-monitor";

/**
 * What the engine deletes together with a resource that it deletes before it makes the new one. It goes through all
 * that depends on the resource, and asks the provider of each for a difference in which every top-level property that
 * uses an output of what is deleted is unknown as a whole. Whoever would be replaced for that is deleted first, and
 * its outputs are unknown to the rest (`calculateDependentReplacements` in the engine's step generator). An edge that
 * is only `dependsOn` makes nothing unknown.
 */
export function deletedWith(root: Registration, registrations: readonly Registration[]): Registration[] {
  const gone = new Set([root.urn]);
  return dependencyOrder(registrations).filter((each) => {
    const goes = each.urn !== root.urn && isReplaced(each, gone);
    if (goes) {
      gone.add(each.urn);
    }
    return goes;
  });
}

/**
 * Whether the engine may delete the resource before it makes the new one: the program says so, or it says nothing and
 * the provider sees that both would have the same name.
 */
export function isDeletedFirst({ type, inputs, options }: Registration): boolean {
  if (options.deleteBeforeReplace !== undefined || !type.startsWith("kubernetes:")) {
    return options.deleteBeforeReplace ?? false;
  }
  const { name } = (inputs["metadata"] ?? {}) as { name?: unknown };
  // Under another name, or in another namespace, the new object can stand beside the old one.
  return name !== undefined && immutableProperties(inputs).some((property) => property !== "metadata");
}

function isReplaced(resource: Registration, gone: ReadonlySet<string>): boolean {
  if (!resource.custom) {
    return false;
  }
  if ([resource.provider, resource.options.deletedWith].some((urn) => urn !== undefined && gone.has(urn))) {
    return true;
  }
  const unknown = Object.keys(resource.inputs).filter((property) =>
    dependenciesOf(resource, property).some((urn) => gone.has(urn)),
  );
  const immutable = resource.type.startsWith("kubernetes:") ? immutableProperties(resource.inputs) : undefined;
  const onChanges = resource.options.replaceOnChanges.map(firstSegment);
  return unknown.some(
    // The resources of `random` and `tls` are replaced for every change.
    (property) => immutable === undefined || immutable.includes(property) || onChanges.includes(property),
  );
}

/** A request without any property dependencies means that each property depends on everything. */
function dependenciesOf({ propertyDependencies, dependencies }: Registration, property: string): readonly string[] {
  return Object.keys(propertyDependencies).length === 0 ? dependencies : (propertyDependencies[property] ?? []);
}

/** Top-level properties in which something cannot be changed in place. */
function immutableProperties(inputs: Registration["inputs"]): string[] {
  const object = inputs as Parameters<typeof immutablePaths>[0];
  const options = { enableConfigMapMutable: true, enableSecretMutable: true };
  return [...new Set(immutablePaths(object, options).map(([first]) => String(first)))];
}

function firstSegment(path: string): string {
  return path.split(/[.[]/)[0] ?? path;
}

/** As in the state: each resource after those it depends on. */
function dependencyOrder(registrations: readonly Registration[]): Registration[] {
  const byUrn = new Map(registrations.map((each) => [each.urn, each]));
  const ordered = new Set<Registration>();
  const place = (each: Registration): void => {
    if (!ordered.has(each)) {
      for (const urn of each.dependencies) {
        const needed = byUrn.get(urn);
        if (needed !== undefined) {
          place(needed);
        }
      }
      ordered.add(each);
    }
  };
  registrations.forEach(place);
  return [...ordered];
}
