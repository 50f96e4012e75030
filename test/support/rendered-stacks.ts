import { stackNetwork } from "../../stacks/graph";
import { type Manifest, renderStack } from "../../stacks/render";

const manifests = new Map<string, Promise<readonly Manifest[]>>();
const networks = new Map<string, ReturnType<typeof stackNetwork>>();

/** The objects of a stack, rendered once per test file: for tests that look at them without changing them. */
export function renderedStack(stack: string): Promise<readonly Manifest[]> {
  return once(manifests, stack, () => renderStack(stack));
}

/** The same for the connections of a stack. */
export function networkOfStack(stack: string): ReturnType<typeof stackNetwork> {
  return once(networks, stack, () => stackNetwork(stack));
}

function once<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
