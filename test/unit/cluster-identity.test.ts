import { replacingArguments } from "../../sandbox/providers/kubernetes/kubeconfig";
import { clusterTarget } from "../../stacks/cluster-target";
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
