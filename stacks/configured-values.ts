import * as pulumi from "@pulumi/pulumi";
import type { StackConfiguration } from "./settings";

/** Not in the type declarations of the SDK, which only offers to read one value and to log a warning if it is secret. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/** All configuration of the running stack in this project's namespace, with the keys whose values are secret. */
export function configuredValues(): Omit<StackConfiguration, "stack"> {
  const prefix = `${pulumi.getProject()}:`;
  const all = Object.entries(pulumi.runtime.allConfig());
  const own = all.filter(([key]) => key.startsWith(prefix));
  return {
    foreignKeys: all.map(([key]) => key).filter((key) => !key.startsWith(prefix) && !key.startsWith("pulumi:")),
    configured: Object.fromEntries(own.map(([key, text]) => [key.slice(prefix.length), parsed(text)])),
    secretKeys: new Set(
      own
        .map(([key]) => key)
        .filter(isConfigSecret)
        .map((key) => key.slice(prefix.length)),
    ),
  };
}

/** Pulumi hands objects over as JSON and text as it is; text that is no JSON is a value of its own kind. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
