import type { StoredResource } from "./pending-operations";
import { parseUrn } from "./resource-label";

/** An exported stack. */
export interface StoredStack {
  readonly deployment?: { readonly resources?: readonly StoredResource[] };
}

/** The resource of the state that holds a Kubernetes object, under whatever name in the program. */
export function holderOf(stack: StoredStack, type: string, id: string): StoredResource | undefined {
  return stack.deployment?.resources?.find(
    (each) => each.id === id && each.delete !== true && kindOf(each.type) === kindOf(type),
  );
}

/** Versions of a kind are views of the same objects: `kubernetes:autoscaling/v2:X` and `…/v1:X` are one. */
function kindOf(type: string): string {
  return type.replace(/\/v\d\w*:/, ":");
}

/**
 * How to tell the engine that a resource of the program is one that the state has under another name.
 *
 * @param resource the one of the program; its URN, if the run got that far
 * @param holder the one of the state
 */
export function aliasAdvice(
  resource: { readonly name: string; readonly urn?: string },
  holder: StoredResource,
): string {
  const { name, urn = "" } = resource;
  const former = parseUrn(holder.urn).name;
  // With the same parents the name alone tells it, in every stack.
  const samePlace = urn.slice(0, -name.length) === holder.urn.slice(0, -former.length);
  const alias = samePlace ? `{ name: "${former}" }` : `"${holder.urn}"`;
  return (
    `The state of this stack holds the object as "${former}" (${holder.urn}). If that resource was renamed or moved, ` +
    `give the one that is now called "${name}" the resource option\n  aliases: [${alias}]\n` +
    "Then nothing is created and nothing deleted. Do not import the object: the engine would delete it together with " +
    `the former name.${samePlace ? "" : " The URN names the stack: other stacks need their own."}`
  );
}

/** Advice for every failed resource whose object the state holds under another name, by the URN of the resource. */
export function adviceFor(
  failures: readonly {
    readonly urn?: string;
    readonly label: string | undefined;
    readonly messages: readonly string[];
  }[],
  stack: StoredStack,
): ReadonlyMap<string, string> {
  const advice = new Map<string, string>();
  for (const { urn = "", label = "", messages } of failures) {
    if (!isAboutExisting(messages)) continue;
    const { type, name } = parseUrn(urn);
    const holder = holderOf(stack, type, label.slice(label.indexOf(" ") + 1));
    if (holder !== undefined && holder.urn !== urn) advice.set(urn, aliasAdvice({ name, urn }, holder));
  }
  return advice;
}

/** Whether a resource failed because its object is there already, whichever provider says so. */
export function isAboutExisting(messages: readonly string[]): boolean {
  return messages.some((message) => /already exists/.test(message));
}
