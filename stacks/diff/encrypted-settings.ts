import { parse } from "yaml";
import { isPlainObject } from "../settings/merge";

/**
 * The settings whose encrypted value is not the same in both stack files: changed, new or gone. A render cannot show
 * it, because neither side can be decrypted there.
 * @param before text of `Pulumi.<stack>.yaml`, or "" where there is none
 */
export function changedSecrets(before: string, after: string): string[] {
  const [old, now] = [before, after].map(encryptedValues);
  const paths = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  return [...paths].filter((path) => old?.get(path) !== now?.get(path)).sort();
}

function encryptedValues(text: string): ReadonlyMap<string, string> {
  const content: unknown = parse(text);
  const found = new Map<string, string>();
  if (isPlainObject(content)) {
    collect(content["config"], "", found);
  }
  return found;
}

function collect(value: unknown, path: string, found: Map<string, string>): void {
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) {
      collect(each, `${path}[${index}]`, found);
    }
  } else if (isPlainObject(value)) {
    const { secure } = value;
    if (typeof secure === "string" && Object.keys(value).length === 1) {
      found.set(path, secure);
      return;
    }
    for (const [key, each] of Object.entries(value)) {
      collect(each, path === "" ? key : `${path}.${key}`, found);
    }
  }
}
