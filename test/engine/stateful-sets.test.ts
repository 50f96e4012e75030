import { StatefulSet } from "@pulumi/kubernetes/apps/v1";
import { keepsItsOrder, withoutOrder } from "../../components/kubernetes/stateful-set";
import { eventually } from "./cluster-support";
import { ProviderTests } from "./providers-support";

const tests = new ProviderTests();
const namespace = "conformance";

interface Version {
  /** As all StatefulSets are made now, or as some were before. */
  readonly made: "now" | "before";
  readonly image?: string;
  /** What goes wrong with the pods, as the sandbox's simulation knows it. */
  readonly fail?: string;
}

/** A database server as the program makes it: one pod, whose claim goes when the StatefulSet is deleted. */
function server(name: string, { made, image = "registry.test/server:1", fail }: Version) {
  return async () => {
    const labels = { app: name };
    new StatefulSet(
      name,
      {
        metadata: { name, namespace },
        spec: {
          serviceName: name,
          replicas: 1,
          ...(made === "now" && withoutOrder),
          selector: { matchLabels: labels },
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" },
          template: {
            metadata: { labels, annotations: fail === undefined ? {} : { "sandbox.platform/fail": fail } },
            spec: { containers: [{ name: "server", image }] },
          },
          volumeClaimTemplates: [
            {
              metadata: { name: "data" },
              spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
            },
          ],
        },
      },
      {
        ...tests.provider(),
        ...(made === "now" && keepsItsOrder),
        deleteBeforeReplace: true,
        protect: true,
        // Long enough for a pod of the slowest machine, unless it is to fail.
        customTimeouts: fail === undefined ? { create: "240s", update: "240s" } : { create: "2s", update: "2s" },
      },
    );
  };
}

const uidOf = (object: string) => tests.liveField(object, ".metadata.uid");

test("the right image repairs what the wrong one broke", async () => {
  const stack = await tests.stack("repaired");
  expect((await stack.up(server("repaired", { made: "now" }))).succeeded).toBe(true);
  const claim = await uidOf("pvc/data-repaired-0");
  const wrong = server("repaired", { made: "now", image: "registry.test/server:typo", fail: "image-pull" });
  expect((await stack.up(wrong)).succeeded).toBe(false);
  await eventually(async () =>
    (await tests.liveField("pod/repaired-0", ".spec.containers[0].image")).endsWith(":typo") ? true : undefined,
  );
  const { succeeded, messages } = await stack.up(server("repaired", { made: "now", image: "registry.test/server:2" }));
  expect(messages).toBe("");
  expect(succeeded).toBe(true);
  expect(await tests.liveField("pod/repaired-0", ".spec.containers[0].image")).toBe("registry.test/server:2");
  expect(await uidOf("pvc/data-repaired-0")).toBe(claim);
});

test("a StatefulSet of an earlier version is neither replaced nor changed, and can be made anew around its pods", async () => {
  const stack = await tests.stack("earlier");
  expect((await stack.up(server("earlier", { made: "before" }))).succeeded).toBe(true);
  const [claim, pod] = [await uidOf("pvc/data-earlier-0"), await uidOf("pod/earlier-0")];
  const now = server("earlier", { made: "now" });
  expect(await stack.up(now)).toMatchObject({ steps: [], succeeded: true });
  expect(await tests.liveField("statefulset/earlier", ".spec.podManagementPolicy")).toBe("OrderedReady");

  // What docs/mariadb.md tells people to do.
  await tests.kubectl("-n", namespace, "delete", "statefulset", "earlier", "--cascade=orphan");
  expect((await stack.refresh(now)).succeeded).toBe(true);
  const { steps, succeeded, messages } = await stack.up(now);
  expect(messages).toBe("");
  expect({ succeeded, ops: steps.map(({ op }) => op) }).toEqual({ succeeded: true, ops: ["create"] });
  expect(await tests.liveField("statefulset/earlier", ".spec.podManagementPolicy")).toBe("Parallel");
  expect(await uidOf("pvc/data-earlier-0")).toBe(claim);
  expect(await uidOf("pod/earlier-0")).toBe(pod);
  expect(await stack.up(now)).toMatchObject({ steps: [], succeeded: true });
});
