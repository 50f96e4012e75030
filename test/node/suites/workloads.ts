import { IMAGE_PREFIX } from "../../../sandbox/images/reference";
import { NODE_NAME } from "../../../sandbox/node";
import { nodeImages } from "../../../sandbox/node/systems";
import type { RealPlatform } from "../real-platform";

interface Pod {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec: {
    readonly nodeName: string;
    readonly containers: readonly { readonly image: string }[];
    readonly initContainers?: readonly { readonly image: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
  };
}

interface Job {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly status: { readonly succeeded?: number };
}

/** What runs where, and that the stack rests. */
export function workloadTests(current: () => RealPlatform): void {
  const realPods = async () =>
    (await current().objects<Pod>("pods", "--all-namespaces")).filter(({ spec }) => spec.nodeName === NODE_NAME);

  test("every image of the sandbox runs, each pod with nothing but such images", async () => {
    const pods = await realPods();
    const imagesOf = ({ spec }: Pod) => [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image);
    expect(pods.flatMap(imagesOf).filter((image) => !image.startsWith(`${IMAGE_PREFIX}/`))).toEqual([]);
    const running = new Set(pods.flatMap(imagesOf));
    // The stack dev has no metrics exporter, and the versions of K-PaaS v1.6.0 only.
    const elsewhere = ["postgres-exporter", "mariadb-10.11", "vault-1.11"];
    const expected = nodeImages().filter(({ name }) => !elsewhere.includes(name));
    expect(expected.length).toBeGreaterThan(6);
    for (const { name, tag } of expected) expect(running).toContain(`${IMAGE_PREFIX}/${name}:${tag}`);
  });

  test("every pod there is ready or has done its work", async () => {
    const unwell = (await realPods()).filter(
      ({ status }) =>
        status.phase !== "Succeeded" &&
        !status.conditions.some((each) => each.type === "Ready" && each.status === "True"),
    );
    expect(unwell.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([]);
  });

  test("every Job has completed", async () => {
    const jobs = await current().objects<Job>("jobs", "--all-namespaces");
    expect(jobs.length).toBeGreaterThan(8);
    expect(jobs.filter(({ status }) => status.succeeded !== 1).map(({ metadata }) => metadata.name)).toEqual([]);
  });

  test("a second up changes nothing", async () => {
    const { counts } = await current().run("up", { expectNoChanges: true });
    expect(counts).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
  });
}
