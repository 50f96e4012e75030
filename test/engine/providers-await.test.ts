import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1";
import { Deployment, StatefulSet } from "@pulumi/kubernetes/apps/v1";
import { Job } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap, Namespace, PersistentVolumeClaim, ResourceQuota, Service } from "@pulumi/kubernetes/core/v1";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { eventually } from "./cluster-support";
import { type Outcome, onlyBuiltin, ProviderTests, type TestStack, unlikeOfficial } from "./providers-support";

const tests = new ProviderTests();
const namespace = "conformance";

interface Workload {
  readonly namespace?: string;
  /** What goes wrong with its Pods, as the sandbox's simulation knows it. */
  readonly fail?: string;
  readonly annotations?: Record<string, string>;
  /** Seconds until it is given up. @default GIVEN_UP */
  readonly timeout?: number;
}

/** Seconds for what cannot become ready, in a test that wants to see that: no machine is too slow to fail. */
const GIVEN_UP = 2;
/** Seconds for what becomes ready, however slow the machine is. */
const PATIENT = 240;

function podTemplate(name: string, fail: string | undefined) {
  const annotations = fail === undefined ? {} : { "sandbox.platform/fail": fail };
  return {
    metadata: { labels: { app: name }, annotations },
    spec: { containers: [{ name: "main", image: "registry.test/app:1" }], restartPolicy: undefined },
  };
}

function workload(name: string, { fail, annotations = {}, timeout = GIVEN_UP, ...place }: Workload) {
  return async () => {
    const metadata = { name, namespace: place.namespace ?? namespace, annotations };
    const spec = { selector: { matchLabels: { app: name } }, template: podTemplate(name, fail) };
    const customTimeouts = { create: `${timeout}s`, update: `${timeout}s` };
    new Deployment(name, { metadata, spec }, { ...tests.provider(), customTimeouts });
  };
}

/**
 * The first of several runs that says why the workload does not become ready. In the time that a run is given, a slow
 * machine may not have come so far that there is something to say; the next run waits again for the same object.
 */
function failure(stack: TestStack, program: PulumiFn, says: (outcome: Outcome) => boolean): Promise<Outcome> {
  return eventually(async () => {
    const outcome = await stack.up(program);
    expect(outcome.succeeded).toBe(false);
    return says(outcome) ? outcome : undefined;
  });
}

unlikeOfficial("a Deployment whose image cannot be pulled fails with the kubelet's message", async () => {
  const stack = await tests.stack("image");
  const program = workload("image", { fail: "image-pull" });
  const cause = 'Back-off pulling image "registry.test/app:1"';
  const { messages } = await failure(stack, program, (outcome) => outcome.messages.includes(cause));
  expect(messages).toContain(`${GIVEN_UP} s`);
});

test("an object that did not become ready is waited for again by the next up, not created again", async () => {
  const stack = await tests.stack("resumed");
  await stack.up(workload("resumed", { fail: "image-pull" }));
  const { succeeded, steps } = await stack.up(workload("resumed", { timeout: PATIENT }));
  expect(steps.map(({ op }) => op)).toEqual(["update"]);
  expect(succeeded).toBe(true);
  expect((await stack.up(workload("resumed", {}))).steps).toEqual([]);
});

test("a crashing container is reported with its exit code", async () => {
  const stack = await tests.stack("crash");
  await failure(stack, workload("crash", { fail: "crash" }), ({ messages }) => messages.includes("exit code 1"));
});

unlikeOfficial(
  "a StatefulSet fails with the cause of its Pod, and the up that mends it waits for the new Pod",
  async () => {
    const stack = await tests.stack("stateful");
    const program = (fail: string | undefined, timeout: number) => async () => {
      const spec = {
        serviceName: "stateful",
        selector: { matchLabels: { app: "stateful" } },
        template: podTemplate("stateful", fail),
        // In order, the controller waits for ever for the broken Pod before it replaces it.
        podManagementPolicy: "Parallel",
      };
      const options = { ...tests.provider(), customTimeouts: { create: `${timeout}s`, update: `${timeout}s` } };
      new StatefulSet("stateful", { metadata: { name: "stateful", namespace }, spec }, options);
    };
    const cause = "Pod stateful-0: container main: CrashLoopBackOff";
    const failed = await failure(stack, program("crash", GIVEN_UP), ({ messages }) => messages.includes(cause));
    expect(failed.messages).toContain("exit code 1");
    const { succeeded, steps } = await stack.up(program(undefined, PATIENT));
    expect(steps.map(({ op }) => op)).toEqual(["update"]);
    expect(succeeded).toBe(true);
    expect(await tests.liveField("statefulset/stateful", ".status.readyReplicas")).toBe("1");
  },
);

unlikeOfficial("what is waited for is shown meanwhile", async () => {
  const stack = await tests.stack("status");
  const program = workload("status", { fail: "not-ready" });
  await failure(stack, program, ({ statuses }) => /available \(0\/1\)/i.test(statuses.join("\n")));
});

unlikeOfficial("an exceeded quota is reported with the quota's message", async () => {
  const limits = await tests.stack("limits");
  await limits.up(async () => {
    const options = tests.provider();
    const space = new Namespace("space", { metadata: { name: "quota" } }, options);
    const quota = { metadata: { name: "none", namespace: space.metadata.name }, spec: { hard: { pods: "0" } } };
    new ResourceQuota("none", quota, options);
  });
  expect(await tests.kubectl("-n", "quota", "get", "quota/none", "-o", "jsonpath={.status.hard.pods}")).toBe("0");
  // The quota is in force, but pods get past it as long as the server's cache lacks it.
  const probe = ["-n", "quota", "run", "probe", "--image=registry.test/app:1", "--dry-run=server"];
  await eventually(async () => ((await tests.refusal(...probe)).includes("exceeded quota") ? true : undefined));

  const stack = await tests.stack("quota");
  const program = workload("web", { namespace: "quota" });
  await failure(stack, program, ({ messages }) => messages.includes("exceeded quota: none"));
});

unlikeOfficial("a claim that stays pending is reported with the reason", async () => {
  const stack = await tests.stack("pending");
  const { succeeded, messages } = await stack.up(async () => {
    const spec = {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      storageClassName: "absent",
    };
    const options = { ...tests.provider(), customTimeouts: { create: "2s" } };
    new PersistentVolumeClaim("data", { metadata: { name: "pending", namespace }, spec }, options);
  });
  expect(succeeded).toBe(false);
  expect(messages).toContain("absent");
});

test("a claim that is bound with its first consumer is not waited for", async () => {
  const stack = await tests.stack("consumer");
  const { succeeded, messages } = await stack.up(async () => {
    const { provider } = tests.provider();
    const provisioner = "kubernetes.io/no-provisioner";
    const lazy = { metadata: { name: "lazy" }, provisioner, volumeBindingMode: "WaitForFirstConsumer" };
    const storageClass = new StorageClass("lazy", lazy, { provider });
    const storageClassName = storageClass.metadata.name;
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName };
    const options = { provider, customTimeouts: { create: `${PATIENT}s` } };
    new PersistentVolumeClaim("data", { metadata: { name: "consumer", namespace }, spec }, options);
  });
  expect({ succeeded, messages }).toEqual({ succeeded: true, messages: "" });
});

test("a Job is waited for until it is complete, and its failure is reported at once", async () => {
  const stack = await tests.stack("jobs");
  const job = (name: string, fail?: string) => async () => {
    const template = podTemplate(name, fail);
    const pod = { ...template, spec: { ...template.spec, restartPolicy: "Never" } };
    new Job(name, { metadata: { name, namespace }, spec: { backoffLimit: 0, template: pod } }, tests.provider());
  };
  expect((await stack.up(job("works"))).succeeded).toBe(true);
  expect(await tests.liveField("job/works", ".status.succeeded")).toBe("1");
  const { succeeded, messages } = await stack.up(job("breaks", "crash"));
  expect(succeeded).toBe(false);
  expect(messages).toContain("BackoffLimitExceeded");
});

onlyBuiltin("an object that may be made but not watched stays in the state, and the next up waits for it", async () => {
  const user = `system:serviceaccount:${namespace}:writer`;
  const grant = async (role: string, verbs: string, resource: string) => {
    await tests.kubectl("-n", namespace, "create", "role", role, `--verb=${verbs}`, `--resource=${resource}`);
    const binding = [`--role=${role}`, `--serviceaccount=${namespace}:writer`];
    await tests.kubectl("-n", namespace, "create", "rolebinding", role, ...binding);
    // The server's authorizer hears of new rights a little later.
    const probe = ["-n", namespace, "auth", "can-i", "list", resource, "--as", user];
    await eventually(async () => ((await tests.refusal(...probe)) === "" ? true : undefined));
  };
  await tests.kubectl("-n", namespace, "create", "serviceaccount", "writer");
  await grant("services", "*", "services");
  const token = await tests.kubectl("-n", namespace, "create", "token", "writer");
  const admin = JSON.parse(await tests.kubectl("config", "view", "--raw", "-o", "json"));
  const users = admin.users.map(({ name }: { name: string }) => ({ name, user: { token } }));
  const kubeconfig = JSON.stringify({ ...admin, users });

  const stack = await tests.stack("unwatched");
  const program = async () => {
    const spec = { selector: { app: "unwatched" }, ports: [{ port: 80 }] };
    const options = { ...tests.provider({ kubeconfig }), customTimeouts: { update: `${PATIENT}s` } };
    new Service("unwatched", { metadata: { name: "unwatched", namespace }, spec }, options);
  };
  const { succeeded, messages } = await stack.up(program);
  expect(succeeded).toBe(false);
  expect(messages).toMatch(/was created, but.*endpointslices.discovery.k8s.io is forbidden.*right to list and watch/s);
  await grant("slices", "list,watch", "endpointslices.discovery.k8s.io");
  const { steps, ...second } = await stack.up(program);
  expect(steps.map(({ op }) => op)).toEqual(["update"]);
  expect(second).toMatchObject({ succeeded: true, messages: "" });
});

test("a load balancer's address is waited for and given to the program", async () => {
  const stack = await tests.stack("balancer");
  const { outputs } = await stack.up(async () => {
    const spec = { type: "LoadBalancer", ports: [{ port: 80 }] };
    const service = new Service("web", { metadata: { name: "balancer", namespace }, spec }, tests.provider());
    return { address: service.status.loadBalancer.ingress.apply(([first]) => first?.ip) };
  });
  expect(outputs["address"]?.value).toBe("127.0.0.1");
});

test("the annotation pulumi.com/skipAwait is honoured", async () => {
  const stack = await tests.stack("skipawait");
  const annotations = { "pulumi.com/skipAwait": "true" };
  expect(await stack.up(workload("skipawait", { fail: "not-ready", annotations }))).toMatchObject({ succeeded: true });
});

unlikeOfficial("the annotation pulumi.com/timeoutSeconds is honoured, and the message says so", async () => {
  const stack = await tests.stack("timeoutseconds");
  const annotations = { "pulumi.com/timeoutSeconds": "1" };
  const { succeeded, messages } = await stack.up(
    workload("timeoutseconds", { fail: "not-ready", annotations, timeout: 0 }),
  );
  expect(succeeded).toBe(false);
  expect(messages).toContain("1 s");
});

test("an up that is cancelled keeps what it has made, and the next one continues", async () => {
  const stack = await tests.stack("cancelled");
  const running = stack.up(workload("cancelled", { fail: "not-ready", timeout: 600 }));
  await eventually(async () => ((await tests.exists("deployment/cancelled")) ? true : undefined));
  tests.interruptEngine();
  const cancelled = await running;
  expect(cancelled.succeeded).toBe(false);
  const { succeeded, steps } = await stack.up(workload("cancelled", { timeout: PATIENT }));
  expect(steps.map(({ op }) => op)).toEqual(["update"]);
  expect(succeeded).toBe(true);
});

test("a definition and its custom resource come up together", async () => {
  const stack = await tests.stack("custom");
  const program = (size: number) => async () => {
    const { provider } = tests.provider();
    const names = { kind: "Widget", plural: "widgets", singular: "widget" };
    const schema = { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } };
    const versions = [{ name: "v1", served: true, storage: true, schema }];
    const spec = { group: "conformance.test", scope: "Namespaced", names, versions };
    const metadata = { name: "widgets.conformance.test" };
    const definition = new CustomResourceDefinition("widgets", { metadata, spec }, { provider });
    const widget = {
      apiVersion: "conformance.test/v1",
      kind: "Widget",
      // The garbage collector, which the default policy waits for, takes seconds to notice a new kind.
      metadata: { name: "one", namespace, annotations: { "pulumi.com/deletionPropagationPolicy": "background" } },
      spec: { size },
    };
    new CustomResource("one", widget, { provider, dependsOn: definition });
  };
  expect((await stack.preview(program(1))).succeeded).toBe(true);
  expect(await stack.up(program(1))).toMatchObject({ succeeded: true, messages: "" });
  expect((await stack.up(program(1))).steps).toEqual([]);
  expect((await stack.up(program(2))).steps).toEqual([{ op: "update", name: "one", paths: ["spec.size"] }]);
  expect((await stack.destroy(program(2))).succeeded).toBe(true);
});

test("destroy waits until the objects are gone", async () => {
  const stack = await tests.stack("destroyed");
  const program = async () => {
    const { provider } = tests.provider();
    const space = new Namespace("space", { metadata: { name: "destroyed" } }, { provider });
    new ConfigMap("map", { metadata: { name: "map", namespace: space.metadata.name } }, { provider });
  };
  await stack.up(program);
  expect(await stack.destroy(program)).toMatchObject({ succeeded: true, messages: "" });
  expect(await tests.kubectl("get", "namespace", "destroyed", "--ignore-not-found")).toBe("");
});

test("a deletion that a finalizer holds up fails with the finalizer's name", async () => {
  const stack = await tests.stack("held");
  const program = async () => {
    const metadata = { name: "held", namespace, finalizers: ["conformance.test/held"] };
    new ConfigMap("map", { metadata }, { ...tests.provider(), customTimeouts: { delete: "1s" } });
  };
  await stack.up(program);
  const { succeeded, messages } = await stack.destroy(program);
  expect(succeeded).toBe(false);
  expect(messages).toContain("conformance.test/held");
});
