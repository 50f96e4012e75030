import { type Manifest, renderConfiguration } from "../../stacks/render";
import type { ProgramEnvironment } from "../../stacks/render/recording-monitor";

const OPTIONAL = ["sonarqube", "harbor", "kubekloud", "kpaas", "pipeline", "sourceControl", "openhands"];

/**
 * Renders the platform with the settings of a stack file that holds just these sections. SonarQube, Harbor,
 * KubeKloud, K-PaaS and OpenHands are left out unless they are named, and Harbor's login at K-PaaS' Keycloak with it.
 * @param sections by name without the namespace; on top of the preset `dev`
 * @param secretKeys sections that the stack file would hold encrypted
 */
export function renderSettings(
  sections: Readonly<Record<string, unknown>>,
  secretKeys: readonly string[] = [],
): Promise<Manifest[]> {
  return renderConfiguration(environmentOf(sections, secretKeys));
}

/** What a run of the program with such a stack file gets to see. */
export function environmentOf(
  sections: Readonly<Record<string, unknown>>,
  secretKeys: readonly string[] = [],
): ProgramEnvironment {
  const left = Object.fromEntries(OPTIONAL.map((section) => [section, { enabled: false }]));
  const { harbor, kpaas } = sections;
  const alone = harbor !== undefined && kpaas === undefined && { harbor: { oidc: { enabled: false }, ...harbor } };
  return exactEnvironment({ preset: "dev", cluster: { context: "test" }, ...left, ...sections, ...alone }, secretKeys);
}

/** The same with nothing added: exactly these sections. */
export function exactEnvironment(
  sections: Readonly<Record<string, unknown>>,
  secretKeys: readonly string[],
): ProgramEnvironment {
  return {
    project: "platform",
    stack: "test",
    configuration: Object.fromEntries(
      Object.entries(sections).map(([name, value]) => [
        `platform:${name}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
    secretKeys: secretKeys.map((name) => `platform:${name}`),
  };
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
