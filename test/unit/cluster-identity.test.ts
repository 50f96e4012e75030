import { replacingArguments } from "../../sandbox/providers/kubernetes/kubeconfig";
import { clusterTarget } from "../../stacks/cluster-target";
import { recordStack } from "../../stacks/render";
import { settingsOf } from "./settings-support";

const targetOf = (cluster: object, environment: NodeJS.ProcessEnv = {}) =>
  clusterTarget(settingsOf({ cluster }), environment);

test("the state knows the cluster by the name of its context unless it is told otherwise", () => {
  expect(targetOf({ context: "platform-prod" }).clusterIdentifier).toBe("platform-prod");
});

test("with an identifier the context can be renamed, and no object is replaced", async () => {
  const renamed = targetOf({ context: "frankfurt", identifier: "platform-prod" });
  expect(renamed.context).toBe("frankfurt");
  expect(await replacingArguments({ ...targetOf({ context: "platform-prod" }) }, { ...renamed })).toEqual([]);
});

test("without an identifier another context is another cluster, whose objects are all new", async () => {
  const [before, after] = ["platform-prod", "frankfurt"].map((context) => ({ ...targetOf({ context }) }));
  expect(await replacingArguments(before ?? {}, after ?? {})).toEqual(["clusterIdentifier"]);
});

test("the embedded cluster stays the same one, whatever the stack says about its own", () => {
  const embedded = { PLATFORM_SANDBOX: "true", PLATFORM_CONTEXT: "platform-sandbox", PLATFORM_KUBECONFIG: "/k" };
  expect(targetOf({ context: "frankfurt", identifier: "platform-prod" }, embedded)).toEqual({
    kubeconfig: "/k",
    context: "platform-sandbox",
    clusterIdentifier: "platform-sandbox",
  });
});

describe("the path of a kubeconfig", () => {
  const checked = { PLATFORM_KUBECONFIG: "/home/ada/config", PLATFORM_CONTEXT: "frankfurt" };

  test("is no argument of the provider where each person has another one", () => {
    expect(targetOf({ context: "frankfurt" }, checked)).not.toHaveProperty("kubeconfig");
    expect(targetOf({ context: "frankfurt", kubeconfig: "./shared" })).toMatchObject({ kubeconfig: "./shared" });
    expect(targetOf({ context: "frankfurt", kubeconfig: "./shared" }, checked)).toMatchObject({
      kubeconfig: "/home/ada/config",
    });
  });

  test("does not come in by the variable KUBECONFIG either, which the SDK would add to the arguments", async () => {
    const before = process.env["KUBECONFIG"];
    process.env["KUBECONFIG"] = "/home/ada/config";
    try {
      const provider = (await recordStack("dev")).find(({ type }) => type === "pulumi:providers:kubernetes");
      expect(provider?.inputs).toMatchObject({ context: "platform-dev" });
      expect(provider?.inputs).not.toHaveProperty("kubeconfig");
    } finally {
      if (before === undefined) delete process.env["KUBECONFIG"];
      else process.env["KUBECONFIG"] = before;
    }
  });
});
