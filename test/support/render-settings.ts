import { type Manifest, renderConfiguration } from "../../stacks/render";

/**
 * Renders the platform with the settings of a stack file that holds just these sections. Harbor and KubeKloud are left
 * out unless they are named.
 * @param sections by name without the namespace; on top of the preset `dev`
 * @param secretKeys sections that the stack file would hold encrypted
 */
export function renderSettings(
  sections: Readonly<Record<string, unknown>>,
  secretKeys: readonly string[] = [],
): Promise<Manifest[]> {
  const left = { harbor: { enabled: false }, kubekloud: { enabled: false } };
  const all = { preset: "dev", cluster: { context: "test" }, ...left, ...sections };
  return renderConfiguration({
    project: "platform",
    stack: "test",
    configuration: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [
        `platform:${name}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
    secretKeys: secretKeys.map((name) => `platform:${name}`),
  });
}

/** The one object of a kind and name. */
export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.filter((each) => each.kind === kind && each.metadata.name === name);
  if (found.length !== 1 || found[0] === undefined) {
    const there = manifests.filter((each) => each.kind === kind).map((each) => each.metadata.name);
    throw new Error(`${found.length} objects ${kind} ${name}; there are: ${there.join(", ")}`);
  }
  return found[0];
}
