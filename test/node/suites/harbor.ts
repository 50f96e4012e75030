import { imageDefinitions } from "../../../sandbox/images";
import { imageReference } from "../../../sandbox/images/reference";
import { eventually } from "../../engine/cluster-support";
import type { RealPlatform } from "../real-platform";

const NAMESPACE = "harbor-system";

interface Container {
  readonly name: string;
  readonly image: string;
}
interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: unknown;
}
interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly Container[]; readonly volumes: readonly Volume[] };
}

/**
 * Programs of Harbor that can run, in pods that cannot as a whole: nginx is ready only while the simulated portal answers,
 * and the registry's neighbour has no image. Each gets a pod of its own here, with everything else as in its Deployment.
 */
export function harborTests(current: () => RealPlatform): void {
  const start = async (deployment: string, container: string, image: "harbor-nginx" | "harbor-registry") => {
    const { spec } = await current().object<{ spec: { template: PodTemplate } }>(NAMESPACE, "deployment", deployment);
    const { metadata, spec: template } = spec.template;
    const name = `probe-${deployment}`;
    const reference = imageReference(image, imageDefinitions[image].tag);
    await current().removeProbe({ namespace: NAMESPACE, name });
    const { code, output } = await current().kubectl.run(["create", "-f", "-"], {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace: NAMESPACE, name, labels: metadata.labels },
      spec: {
        ...template,
        containers: template.containers
          .filter((each) => each.name === container)
          .map((each) => ({ ...each, image: reference })),
        // The volume belongs to the Deployment.
        volumes: template.volumes.map((each) =>
          each.persistentVolumeClaim === undefined ? each : { name: each.name, emptyDir: {} },
        ),
      },
    });
    if (code !== 0) throw new Error(output);
    return name;
  };

  /** The status of an answer, asked for from the node: no policy keeps it out. */
  const statusOf = (pod: string, port: number, path: string) =>
    eventually(async () => {
      const { status } = await current().object<{ status: { podIP?: string } }>(NAMESPACE, "pod", pod);
      if (status.podIP === undefined) return undefined;
      const request = `GET ${path} HTTP/1.0\\r\\nHost: harbor.local\\r\\n\\r\\n`;
      const ask = `exec 3<>/dev/tcp/${status.podIP}/${port}; printf '${request}' >&3; head -n 1 <&3`;
      // Nothing is printed while nothing listens yet.
      const line = await current().onNode(["bash", "-c", `(${ask}) 2>/dev/null || true`]);
      return line.match(/^HTTP\/1\.\d (\d{3})/)?.[1];
    });

  test("nginx takes Harbor's configuration, and passes requests on to a portal that is not there", async () => {
    const pod = await start("harbor-nginx", "nginx", "harbor-nginx");
    try {
      expect(await statusOf(pod, 8080, "/")).toBe("502");
    } finally {
      await current().removeProbe({ namespace: NAMESPACE, name: pod });
    }
  });

  test("the registry takes Harbor's configuration, gets ready, and lets nobody in without a password", async () => {
    const pod = await start("harbor-registry", "registry", "harbor-registry");
    try {
      await current().untilReady(NAMESPACE, `pod/${pod}`);
      expect(await statusOf(pod, 5000, "/")).toBe("200");
      expect(await statusOf(pod, 5000, "/v2/")).toBe("401");
    } finally {
      await current().removeProbe({ namespace: NAMESPACE, name: pod });
    }
  });
}
