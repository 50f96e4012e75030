import { settingsWarnings } from "../../stacks/settings";
import { settingsOf, withoutKpaas } from "./settings-support";

/** Systems whose warnings have tests of their own. */
const others = {
  kubekloud: { enabled: false },
  ...withoutKpaas,
  harbor: { oidc: { enabled: false } },
  lifecycle: { protectData: false },
};
const closed = { exposure: { allowedSources: ["10.0.0.0/8"] } };

test("nothing is said about settings that are fine", () => {
  expect(settingsWarnings(settingsOf({ ...others, openchecker: closed }))).toEqual([]);
});

test("pods that may call the API server anywhere are pointed out where data is guarded", () => {
  const warnings = (apiServer: Record<string, unknown>) =>
    settingsWarnings(
      settingsOf({ ...others, openchecker: closed, lifecycle: { protectData: true }, cluster: { apiServer } }),
    );
  expect(warnings({})).toEqual([expect.stringContaining("platform:cluster.apiServer.cidrs")]);
  expect(warnings({ cidrs: ["10.0.0.10/32"] })).toEqual([]);
});

test("an API whose tokens anybody can forge should not be open to all", () => {
  expect(settingsWarnings(settingsOf(others))).toEqual([
    expect.stringContaining("platform:openchecker.exposure.allowedSources"),
  ]);
  expect(settingsWarnings(settingsOf({ ...others, openchecker: { exposure: { type: "clusterIp" } } }))).toEqual([]);
});

test.each([
  ["cluster", { capabilities: { networkPolicy: false } }, "enforces NetworkPolicy"],
  ["openchecker", { exposure: { ...closed.exposure, tls: { from: "none" } } }, "unencrypted"],
  [
    "openchecker",
    { ...closed, agents: { terminationGraceSeconds: 20_000 } },
    "platform:rabbitmq.consumerTimeoutMinutes",
  ],
  ["openchecker", { ...closed, main: { generation: "current" } }, "platform:images.overrides.openchecker-main"],
  ["openchecker", { ...closed, agents: { generation: "current" } }, "platform:images.overrides.openchecker-agent"],
])("%s %j is worth a warning", (section, values, words) => {
  const warnings = settingsWarnings(settingsOf({ ...others, openchecker: closed, [section]: values }));

  expect(warnings).toEqual([expect.stringContaining(words)]);
});

test("a system that is switched off gives no warnings", () => {
  expect(settingsWarnings(settingsOf({ ...others, openchecker: { enabled: false } }))).toEqual([]);
});

test("clients with addresses of pods are told that a load balancer keeps them out", () => {
  const warnings = (allowedSources: string[]) =>
    settingsWarnings(
      settingsOf({
        ...others,
        openchecker: closed,
        kubekloud: { exposure: { type: "loadBalancer", allowedSources } },
        cluster: { podCidrs: ["10.1.0.0/16"] },
      }),
    ).filter((warning) => warning.includes("kept out"));
  expect(warnings(["10.0.0.0/8"])).toEqual([expect.stringContaining("Pods, 10.1.0.0/16, are kept out.")]);
  expect(warnings(["10.0.0.0/8", "10.1.0.0/16"])).toEqual([]);
  expect(warnings(["192.168.0.0/16"])).toEqual([]);
});
