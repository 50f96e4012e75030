import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { images } from "../../catalog/images";
import { realmDocument } from "../../components/identity/keycloak-realm-document";
import { configurationSections } from "../../components/openchecker/configuration";
import { applicationConfiguration } from "../../components/openhands/configuration";
import { proxyArguments } from "../../components/openhands/login-proxy-configuration";
import { configurationOverwrite } from "../../components/registry/harbor-core-configuration";
import { type HarborSystem, systemConfiguration } from "../../components/registry/harbor-system";
import { serverConfiguration } from "../../components/secrets/vault-configuration";
import type { Manifest } from "../../stacks/render";
import { realmFacts, realmOptions } from "../support/example-realm";
import { renderSettings } from "../support/render-settings";
import { everyOpenCheckerKey, everySandboxKey } from "../support/upstream-examples";

/**
 * The names that upstream's manifests set and its programs read, as facts in `test/upstream`, against what the platform
 * sets: a name is set somewhere, or there is a written reason.
 */
interface UpstreamList {
  /** Tag of each catalogue image that the list was made for. */
  readonly images: Readonly<Record<string, string>>;
  /** Where the names come from. */
  readonly sources: readonly string[];
  /** Names by program: an image of the catalogue, the end of an image's name, or a file (see {@link files}). */
  readonly programs: Readonly<
    Record<string, { readonly names: readonly string[]; readonly notSet: readonly { names: string; reason: string }[] }>
  >;
}

const UPSTREAM = join(__dirname, "../upstream");
const GOLDEN = join(__dirname, "../golden");

const lists = Object.fromEntries(
  readdirSync(UPSTREAM)
    .filter((file) => file.endsWith(".json"))
    .map((file) => [
      file.replace(/\.json$/, ""),
      JSON.parse(readFileSync(join(UPSTREAM, file), "utf8")) as UpstreamList,
    ]),
);
const programs = Object.entries(lists).flatMap(([list, { programs: each }]) =>
  Object.entries(each).map(([program, facts]) => ({ list, program, ...facts })),
);

/** Images that run programs of this repository, whose variables the components and these programs agree on. */
const ownPrograms: readonly string[] = ["python"];

const proxy = {
  ...{ https: "http://proxy.example.org:3128", http: "http://proxy.example.org:3128" },
  ...{ cidrs: ["192.0.2.1/32"], ports: [3128] },
};

/** Renders where less common settings set more names. */
const variants: readonly Readonly<Record<string, unknown>>[] = [
  {
    harbor: {
      tuning: {
        ...{ cacheHours: 1, garbageWindowHours: 1, pullFlushSeconds: 1 },
        forgetUsers: { accounts: true, auditLog: true },
      },
      proxy: { ...proxy, forRegistry: true },
    },
    kubekloud: { database: { exporter: true } },
    nfs: { provisioner: { enabled: true } },
  },
  { harbor: { storage: { s3: { bucket: "harbor", accessKey: "a", secretKey: "s", cidrs: ["192.0.2.1/32"] } } } },
];

/** Configuration files, as functions make them, by the name of the program in the lists. */
const files: Readonly<Record<string, () => Iterable<string>>> = {
  "system settings": () => [
    ...Object.keys(systemConfiguration(everySystemSetting)),
    ...Object.keys(JSON.parse(configurationOverwrite(everyLogin, everySystemSetting))),
  ],
  "keycloak realm": () => Object.keys(JSON.parse(realmDocument({ ...realmFacts, options: realmOptions }, [], ""))),
  "vault configuration": () =>
    keysWithin(
      JSON.parse(
        serverConfiguration({
          peers: ["https://a:8200", "https://b:8200"],
          tls: true,
          metrics: true,
          seal: { type: "transit", parameters: {} },
        }),
      ),
    ).concat(keysWithin(JSON.parse(serverConfiguration({ peers: [], tls: false, metrics: false })))),
  "openchecker config.ini": () =>
    Object.entries(configurationSections(everyOpenCheckerKey)).flatMap(([section, keys]) =>
      Object.keys(keys).map((key) => `${section}.${key}`),
    ),
  "oauth2-proxy options": () =>
    optionNames(
      proxyArguments({
        ...{ port: 1, issuer: "i", clientId: "c", authorityFile: "a", upstreamUrl: "u", url: "https://u" },
        ...{ allowedRoles: ["r"], rolesClaim: "r", sessionHours: 1 },
        exposure: { type: "clusterIp" },
      }),
    ),
  "openhands config.toml": () => tomlKeys(applicationConfiguration(...everySandboxKey)),
};

/** Names of options on a command line. */
function optionNames(options: readonly string[]): string[] {
  return options.flatMap((option) => /^--([a-z0-9-]+)/.exec(option)?.[1] ?? []);
}

const everySystemSetting: Required<{ [Key in keyof HarborSystem]: NonNullable<HarborSystem[Key]> }> = {
  auditLogForwardEndpoint: "a:1",
  auditLogInDatabase: true,
  disabledAuditEvents: [],
  banner: { message: "m", type: "info", closable: true, from: "2027-01-01", to: "2027-01-01" },
  notifications: true,
  projectCreation: "everyone",
  pullAuditLog: true,
  pullCount: true,
  pullTime: true,
  quotaPerProject: true,
  readOnly: false,
  robotDays: 1,
  scannerCountsAsPull: true,
  selfRegistration: false,
  sessionMinutes: 1,
  storagePerProject: 1,
  tokenMinutes: 1,
};
const everyLogin = {
  ...{ name: "n", userClaim: "u", scopes: [], autoOnboard: true, logout: true, loginParameters: {}, groupFilter: "g" },
  ...{ groupsClaim: "g", adminGroup: "a", issuer: "https://i", clientId: "c", clientSecret: "s" },
};

function keysWithin(value: unknown): string[] {
  return typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, each]) => [...(Array.isArray(value) ? [] : [key]), ...keysWithin(each)]);
}

function tomlKeys(text: string): string[] {
  let table = "";
  return text.split("\n").flatMap((line) => {
    table = /^\[(.*)\]$/.exec(line)?.[1] ?? table;
    const key = /^([A-Za-z_]+) = /.exec(line)?.[1];
    return key === undefined ? (line.startsWith("[") ? [table] : []) : [`${table}.${key}`];
  });
}

interface Container {
  readonly image: string;
  readonly env?: readonly { readonly name: string }[];
  readonly envFrom?: readonly { readonly configMapRef?: { name: string }; readonly secretRef?: { name: string } }[];
}

/** The names of variables that each image's containers have, over all renders. */
function variablesByImage(renders: readonly (readonly Manifest[])[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const manifests of renders) {
    const keys = new Map(
      manifests
        .filter(({ kind }) => kind === "ConfigMap" || kind === "Secret")
        .map((each) => [
          `${each.kind}/${each.metadata.namespace}/${each.metadata.name}`,
          Object.keys({ ...(each["data"] as object), ...(each["stringData"] as object) }),
        ]),
    );
    for (const manifest of manifests) {
      for (const { image, env = [], envFrom = [] } of containersOf(manifest)) {
        const names = found.get(image) ?? new Set();
        found.set(image, names);
        for (const { name } of env) names.add(name);
        for (const { configMapRef, secretRef } of envFrom) {
          const reference =
            configMapRef === undefined
              ? `Secret/${manifest.metadata.namespace}/${secretRef?.name}`
              : `ConfigMap/${manifest.metadata.namespace}/${configMapRef.name}`;
          for (const name of keys.get(reference) ?? []) names.add(name);
        }
      }
    }
  }
  return found;
}

function containersOf(value: unknown): Container[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Object.entries(value).flatMap(([key, each]) =>
    (key === "containers" || key === "initContainers") && Array.isArray(each) ? (each as Container[]) : [],
  );
  return [...own, ...Object.values(value).flatMap(containersOf)];
}

/** Manifests of a golden render. */
function golden(stack: string): Manifest[] {
  const directory = join(GOLDEN, stack);
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && each.name.endsWith(".yaml"))
    .flatMap((each) =>
      parseAllDocuments(readFileSync(join(each.parentPath, each.name), "utf8")).map(
        (document) => document.toJS() as Manifest,
      ),
    );
}

/** Whether an image is the program that a list calls so. */
function runs(image: string, program: string): boolean {
  const entry = (
    images as Readonly<Record<string, { readonly registry: string; readonly repository: string; readonly tag: string }>>
  )[program];
  const repository = image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
  return entry === undefined
    ? repository.endsWith(`/${program === "kubekloud" ? "kubekloud/api" : program}`)
    : image.startsWith(`${entry.registry}/${entry.repository}:${entry.tag}`);
}

const stacksOf = (list: string): string[] =>
  list === "k-paas-1.4.1"
    ? ["kpaas-v1.4.1"]
    : list === "k-paas-1.6.0"
      ? ["kpaas-v1.6.0", "prod"]
      : ["dev", "prod", "kpaas-v1.4.1", "kpaas-v1.6.0"];

let rendered: Manifest[][];
const variables = new Map<string, Map<string, Set<string>>>();
const cache = new Map<string, Manifest[]>();
const goldenOnce = (stack: string) => {
  const known = cache.get(stack) ?? golden(stack);
  cache.set(stack, known);
  return known;
};

beforeAll(async () => {
  rendered = [];
  for (const settings of variants) {
    rendered.push(await renderSettings(settings, Object.keys(settings))); // one at a time: each is a whole program
  }
});

/** Names that the platform sets for a program. */
function namesSet(list: string, program: string): Set<string> {
  const file = files[program];
  if (file !== undefined) return new Set(file());
  const stacks = stacksOf(list);
  const byImage = variables.get(stacks.join()) ?? variablesByImage([...stacks.map(goldenOnce), ...rendered]);
  variables.set(stacks.join(), byImage);
  const own = [...byImage].filter(([image]) => runs(image, program));
  return new Set(own.flatMap(([, names]) => [...names]));
}

test("every image of the catalogue has a list of exactly its version", () => {
  const listed = Object.values(lists).flatMap((list) => Object.entries(list.images));
  expect(listed.filter(([image]) => ownPrograms.includes(image))).toEqual([]);
  const wanted = Object.entries(images)
    .filter(([name]) => !ownPrograms.includes(name))
    .map(([name, { tag }]) => [name, tag]);
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(wanted)); // a new version needs a new list in test/upstream
  expect(existsSync(UPSTREAM) && Object.values(lists).every(({ sources }) => sources.length > 0)).toBe(true);
});

test.each(programs)(
  "$list: $program: each name is set, or a reason says why not",
  ({ list, program, names, notSet }) => {
    const set = namesSet(list, program);
    const reasons = notSet.map(({ names: pattern, reason }) => ({ pattern: new RegExp(pattern), reason }));
    const unexplained = names.filter((name) => !set.has(name) && !reasons.some(({ pattern }) => pattern.test(name)));
    expect(unexplained).toEqual([]);
    // A reason for a name that is set, or for none, is an old one.
    const idle = reasons.filter(({ pattern }) => !names.some((name) => pattern.test(name) && !set.has(name)));
    expect(idle.map(({ pattern }) => pattern.source)).toEqual([]);
    expect(reasons.every(({ reason }) => reason.length > 10)).toBe(true);
  },
);
