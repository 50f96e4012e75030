import { settingsWarnings } from "../../stacks/settings";
import { problemsOf, settingsOf } from "./settings-support";

const cidrs = ["10.9.0.0/16"];
const login = { username: "user", password: "Passw0rd1" };

/** What the run says about settings of no use. */
function unused(configured: Record<string, object>): string[] {
  const settings = settingsOf(configured, { stack: "dev", secretKeys: Object.keys(configured) });
  return settingsWarnings(settings, configured).filter((warning) => warning.includes("of no use"));
}

test.each([
  [
    "a broker of somebody else",
    { rabbitmq: { external: { host: "b", cidrs, users: { main: login, worker: login } }, storage: { size: "5Gi" } } },
    /^platform:rabbitmq\.storage\.size is set and of no use, since platform:rabbitmq\.external is set\.$/,
  ],
  [
    "a registry of somebody else",
    {
      harbor: { external: { host: "r.example.org", cidrs, pull: login, push: login }, trivy: { offline: true } },
      pipeline: { enabled: false },
    },
    /^platform:harbor\.trivy\.offline is set/,
  ],
  ["a system that is off", { openhands: { enabled: false, replicas: 1 } }, /^platform:openhands\.replicas is set/],
  [
    "an object store",
    {
      harbor: {
        storage: { size: "5Gi", s3: { bucket: "images", accessKey: "a", secretKey: "b", cidrs } },
      },
    },
    /^platform:harbor\.storage\.size is set/,
  ],
  [
    "older code",
    { openchecker: { token: { expiresMinutes: 5 } } },
    /^platform:openchecker\.token\.expiresMinutes is set and of no use, since code of the generation classic/,
  ],
  [
    "a scanner that is off",
    { harbor: { trivy: { enabled: false, timeoutMinutes: 9 }, replicas: { trivy: 2 } } },
    /^platform:harbor\.trivy\.timeoutMinutes, platform:harbor\.replicas\.trivy are set/,
  ],
])("what is of no use with %s is told", (_, configured, words) => {
  expect(unused(configured as Record<string, object>)).toEqual([expect.stringMatching(words)]);
});

test("what a preset sets is nobody's mistake, and what counts is not told", () => {
  expect(unused({ openhands: { enabled: false } })).toEqual([]);
  expect(unused({ harbor: { replicas: { core: 2 } } })).toEqual([]);
});

test("keys that only newer workers read are refused with older ones", () => {
  const keys = { tokens: { github: "token" }, ohpm: { accessKey: "a", secretKey: "b" } };
  const options = { stack: "dev", secretKeys: ["openchecker"] };

  expect(problemsOf({ openchecker: keys }, options).map(({ path }) => path)).toEqual([
    "platform:openchecker.tokens.github + platform:openchecker.agents.generation",
    "platform:openchecker.ohpm + platform:openchecker.agents.generation",
  ]);
  const newer = { agents: { pools: { newer: { generation: "current" } } } };
  expect(() => settingsOf({ openchecker: { ...keys, ...newer } }, options)).not.toThrow();
});

test.each(["openchecker", "sonarqube", "openhands"])(
  "an empty list of sources of %s is told to mean everybody",
  (system) => {
    const exposure = { type: "ingress", host: "a.example.org", tls: { from: "selfMade" }, allowedSources: [] };
    const warnings = settingsWarnings(settingsOf({ [system]: { exposure } }, { stack: "dev" }));

    expect(warnings).toContainEqual(
      expect.stringContaining(`platform:${system}.exposure.allowedSources is an empty list`),
    );
  },
);
