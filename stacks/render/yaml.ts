import { stringify } from "yaml";
import type { Manifest } from "../render";

const FIRST_KEYS = ["apiVersion", "kind", "metadata", "name"];

/** One object as a YAML document. Keys are in a fixed order, so that equal objects give equal text. */
function manifestYaml(manifest: Manifest): string {
  return stringify(manifest, {
    lineWidth: 0,
    sortMapEntries: (a, b) => (keyOrder(String(a.key)) < keyOrder(String(b.key)) ? -1 : 1),
    aliasDuplicateObjects: false,
    // Kubernetes reads YAML 1.1, where a plain `off` or `yes` is no text.
    compat: "yaml-1.1",
  });
}

/** Objects as one multi-document YAML text. */
export function manifestsYaml(manifests: readonly Manifest[]): string {
  return manifests.map((each) => `---\n${manifestYaml(each)}`).join("");
}

/**
 * Objects by the path of their file.
 * @throws Error when two objects would share one, which no stack has: same kind, namespace and name in two API groups
 */
export function manifestFiles(manifests: readonly Manifest[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const manifest of manifests) {
    const path = manifestPath(manifest);
    if (files[path] !== undefined) {
      throw new Error(`Two objects would be written to ${path}; give one of them another name.`);
    }
    files[path] = manifestYaml(manifest);
  }
  return files;
}

/** Where an object's file lies below the folder of its stack: `<namespace>/<kind>-<name>.yaml`. */
function manifestPath({ kind, metadata }: Manifest): string {
  const file = `${kind}-${metadata.name}.yaml`.toLowerCase().replaceAll(":", "-");
  return `${metadata.namespace ?? "cluster"}/${file}`;
}

function keyOrder(key: string): string {
  const first = FIRST_KEYS.indexOf(key);
  return first < 0 ? `${FIRST_KEYS.length}${key}` : String(first);
}
