import * as fc from "fast-check";
import { type Manifest, renderConfiguration } from "../../stacks/render";
import { parseSettings, SettingsError } from "../../stacks/settings";
import { exactEnvironment } from "../support/render-settings";

const host = "10.9.0.1";
const cidrs = ["10.9.0.0/16"];
const login = { username: "user", password: "password" };
const client = { clientId: "id", clientSecret: "secret" };
const role = (roleName: string) => ({ roleName, roleId: "role", secretId: "secret" });

/** Servers of somebody else, by the section that names them. */
const externals: Readonly<Record<string, object>> = {
  rabbitmq: { external: { host, cidrs, users: { main: login, worker: login } } },
  harbor: { external: { host: "registry.example.org", cidrs, pull: login, push: login } },
  mariadb: { external: { host, cidrs, administrator: login } },
  vault: {
    external: {
      url: `https://${host}:8200`,
      cidrs,
      applications: {
        "cp-portal-api": role("a"),
        "cp-portal-catalog-api": role("b"),
        "cp-portal-metric-api": role("c"),
      },
    },
  },
  keycloak: {
    external: {
      issuer: "https://sso.example.org/realms/platform",
      cidrs,
      // None for Harbor, which may be somebody else's too.
      clients: { portal: client, openhands: client, sourceControl: client },
    },
  },
  chartmuseum: { external: { url: "https://charts.example.org", cidrs } },
  sonarqube: { database: { external: { host, cidrs, password: "password" } } },
  kubekloud: { database: { external: { host, cidrs, password: "password", sslmode: "require" } } },
};

const switches = [
  "sonarqube",
  "openchecker",
  "harbor",
  "kubekloud",
  "kpaas",
  "keycloak",
  "chartmuseum",
  "pipeline",
  "sourceControl",
  "openhands",
] as const;

const mostly = fc.integer({ min: 0, max: 9 }).map((number) => number > 1);
const seldom = fc.integer({ min: 0, max: 9 }).map((number) => number < 4);

const combination = fc.record({
  preset: fc.constantFrom("dev", "prod"),
  profile: fc.constantFrom("v1.4.1", "v1.6.0"),
  on: fc.record(Object.fromEntries(switches.map((name) => [name, mostly]))),
  external: fc.record(Object.fromEntries(Object.keys(externals).map((name) => [name, seldom]))),
});

type Combination = typeof combination extends fc.Arbitrary<infer Value> ? Value : never;

function sectionsOf({ preset, profile, on, external }: Combination): Record<string, object | string> {
  const sections: Record<string, object | string> = {
    preset,
    cluster: { context: "test", capabilities: { certManager: true } },
  };
  const add = (name: string, more: object) => {
    sections[name] = { ...(sections[name] as object | undefined), ...more };
  };
  add("kpaas", { profile, nodeAddress: "10.0.0.5" });
  for (const name of switches) {
    // What lives on another system is left out with it, or nearly every combination would be refused.
    const kpaas = on["kpaas"] === true && on["harbor"] === true && on["keycloak"] === true;
    const needs = {
      kpaas,
      kubekloud: on["harbor"] === true,
      sourceControl: kpaas,
      openhands: kpaas || external["keycloak"] === true,
      pipeline: kpaas && on["openchecker"] === true && on["sonarqube"] === true && external["keycloak"] !== true,
    }[name as string];
    add(name, { enabled: on[name] === true && needs !== false });
  }
  for (const [name, more] of Object.entries(externals)) {
    if (external[name] === true) {
      add(name, more);
    }
  }
  return sections;
}

/** The objects of a combination, or undefined where a rule refuses it. */
async function outcome(sections: Readonly<Record<string, object | string>>): Promise<Manifest[] | undefined> {
  try {
    // Before the program runs: what it throws reaches Node as an unhandled rejection, too.
    parseSettings({ stack: "test", configured: sections, secretKeys: new Set(Object.keys(sections)) });
  } catch (error) {
    if (error instanceof SettingsError) {
      return undefined;
    }
    throw error;
  }
  return renderConfiguration(exactEnvironment(sections, Object.keys(sections)));
}

const nodePorts = (manifest: Manifest): unknown[] =>
  manifest.kind === "Service"
    ? ((manifest["spec"] as { ports?: { nodePort?: number }[] }).ports ?? []).flatMap(({ nodePort }) => nodePort ?? [])
    : [];

test("systems on or off, own or somebody else's: each combination is rendered, each object once, or refused", async () => {
  let rendered = 0;
  await fc.assert(
    fc.asyncProperty(combination, async (chosen) => {
      const manifests = await outcome(sectionsOf(chosen));
      if (manifests === undefined) {
        return;
      }
      rendered += 1;
      const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
      const ports = manifests.flatMap(nodePorts);
      expect(new Set(ports).size).toBe(ports.length);
    }),
    { numRuns: 15 },
  );
  expect(rendered).toBeGreaterThan(3);
});

test("Harbor and Keycloak of somebody else need no client between them", async () => {
  const { harbor, keycloak } = externals;
  const sections = {
    preset: "dev",
    cluster: { context: "test" },
    harbor: { ...harbor },
    keycloak: { ...keycloak },
    pipeline: { enabled: false },
  };

  expect(await outcome(sections)).toBeDefined();
});
