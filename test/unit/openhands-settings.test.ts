import { parseSettings, settingsWarnings } from "../../stacks/settings";
import { withoutKpaas } from "./settings-support";

const stack = (openhands: Record<string, unknown>, others: Record<string, unknown> = {}) => ({
  stack: "dev",
  configured: {
    cluster: { context: "test" },
    openhands: {
      exposure: { type: "ingress", host: "openhands.example.org", tls: { from: "selfMade" } },
      ...openhands,
    },
    ...others,
  },
  secretKeys: new Set<string>(),
});

const parse = (...args: Parameters<typeof stack>) => parseSettings(stack(...args));

const warnings = (...args: Parameters<typeof stack>) =>
  settingsWarnings(parse(...args)).filter((each) => each.includes("openhands"));

test("the defaults are right", () => {
  expect(() => parse({})).not.toThrow();
});

const rolling = { type: "RollingUpdate" };
const shared = { accessMode: "ReadWriteMany" };

test.each([
  ["one pod that is replaced", {}],
  ["a rolling update on a shared volume", { strategy: rolling, storage: shared }],
  ["several pods on a shared volume", { replicas: 2, storage: shared }],
  [
    "editors at a domain whose deeper names belong to others",
    {
      exposure: { type: "ingress", host: "openhands.apps.example.org", tls: { from: "selfMade" } },
      sandbox: { editor: { domain: "example.org" } },
    },
  ],
  [
    "several pods on a shared volume, all replaced at once",
    { replicas: 2, strategy: { type: "Recreate" }, storage: shared },
  ],
])("%s is possible", (_, openhands) => {
  expect(() => parse(openhands)).not.toThrow();
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ["several pods on a volume of one node", { replicas: 2 }, /only one node can mount it/],
  ["a rolling update on a volume of one node", { strategy: rolling }, /waits for ever/],
  [
    "a rolling update that may change nothing",
    { strategy: { ...rolling, maxSurge: 0, maxUnavailable: 0 }, storage: shared },
    /nothing can ever be replaced/,
  ],
  ["a login without an address", { exposure: { type: "nodePort" } }, /under which address/],
  ["a project that Harbor does not have", { registryProject: "agents" }, /a project that Harbor does not get/],
  ["a sandbox that is larger than the quota", { sandbox: { quota: { memory: "1Gi" } } }, /One sandbox would need more/],
  [
    "a workspace that is larger than the quota",
    { sandbox: { workspace: { size: "1Ti" } } },
    /One sandbox would need more/,
  ],
  [
    "a way to the pods of the cluster",
    { sandbox: { egress: [{ name: "Git", cidrs: ["10.244.3.0/24"] }] } },
    /pods or Services of the cluster/,
  ],
  [
    "editors above the application's own host",
    { sandbox: { editor: { domain: "example.org" } } },
    /every sandbox may claim any name/,
  ],
  ["a variable that is no variable", { sandbox: { environment: { "A B": "x" } } }, /environment/],
  ["an address with a path", { url: "https://example.org/openhands" }, /without a path/],
])("%s is refused", (_, openhands, reason) => {
  expect(() => parse(openhands)).toThrow(reason);
});

test("a login without an identity provider, or without a client there, is refused", () => {
  const { openhands: _, ...withoutIdentity } = withoutKpaas;
  const none = { ...withoutIdentity, harbor: { oidc: { enabled: false } } };
  expect(() => parse({}, none)).toThrow(/through the platform's identity provider, and there is none/);
  expect(() => parse({ login: { enabled: false } }, none)).not.toThrow();
  const external = { issuer: "https://sso.example.org/realms/x", cidrs: ["192.0.2.0/24"], clients: {} };
  expect(() => parse({}, { ...none, keycloak: { external } })).toThrow(/has no client for it/);
});

test("several pull secrets are one too many, unless the images come from Harbor", () => {
  const images = { pullSecrets: ["one", "two"] };
  expect(() => parse({}, { images })).toThrow(/only one Secret/);
  expect(() => parse({ registryProject: "kubekloud" }, { images })).not.toThrow();
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ["no login", { login: { enabled: false } }, /everybody who reaches OpenHands runs code/],
  ["a login for everybody", { login: { allowedRoles: [] } }, /shares all conversations/],
  ["several pods", { replicas: 2, storage: shared }, /a conversation lives in the pod/],
  ["a rolling update", { strategy: rolling, storage: shared }, /the last to write a file wins/],
  ["privileged sandboxes", { sandbox: { privileged: true } }, /controls its node/],
  ["access to nodes", { sandbox: { hostAccess: true } }, /files of their node/],
  ["more conversations than sandboxes", { agent: { maxConversations: 9 } }, /fail to start/],
])("%s is pointed out", (_, openhands, text) => {
  expect(warnings(openhands).join("\n")).toMatch(text);
});

test("nothing is pointed out where nothing is wrong", () => {
  expect(warnings({})).toEqual([]);
});

test("a version of its own for one of the two images is pointed out", () => {
  const images = { overrides: { openhands: { tag: "0.61" } } };
  expect(warnings({}, { images }).join("\n")).toMatch(/have to be of the same version/);
});
