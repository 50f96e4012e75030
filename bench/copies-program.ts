import { Provider } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { inDependencyOrder, type Manifest, recordStack } from "../stacks/render";
import type { Registration } from "../stacks/render/recording-monitor";
import { copyOf, withSecretValues } from "./objects";

/** An object of any kind, by its type token. */
class KubernetesObject extends pulumi.CustomResource {
  constructor(type: string, name: string, inputs: pulumi.Inputs, options: pulumi.CustomResourceOptions) {
    super(type, name, inputs, options);
  }
}

/**
 * A program with the objects of a stack, several times: how engine and providers grow. The platform itself has each system once.
 * The offline run has to happen before, since the SDK knows one engine at a time.
 */
export async function copiesProgram(stack: string, copies: number): Promise<() => Promise<void>> {
  const registrations = inDependencyOrder(await recordStack(stack)).filter(({ type }) =>
    type.startsWith("kubernetes:"),
  );
  const manifests = registrations.map(manifestOf);
  return async () => {
    const { PLATFORM_KUBECONFIG: kubeconfig = "", PLATFORM_CONTEXT: context = "" } = process.env;
    const provider = new Provider("cluster", {
      kubeconfig,
      context,
      clusterIdentifier: context,
      enableServerSideApply: true,
      kubeClientSettings: { qps: 200, burst: 400 },
    });
    for (let copy = 1; copy <= copies; copy++) {
      const made = new Map<string, pulumi.Resource>();
      for (const [index, manifest] of copyOf(manifests, copy).entries()) {
        const { type, name, urn, dependencies } = registrations[index] as Registration;
        const dependsOn = dependencies.flatMap((each) => made.get(each) ?? []);
        const inputs = manifest.kind === "Secret" ? { ...manifest, ...secretFields(manifest) } : manifest;
        made.set(urn, new KubernetesObject(type, `${name}-${copy}`, inputs, { provider, dependsOn }));
      }
    }
  };
}

function manifestOf({ inputs, name }: Registration): Manifest {
  const { metadata, ...rest } = inputs;
  return withSecretValues({ ...rest, metadata: { name, ...(metadata as object) } } as Manifest);
}

function secretFields(manifest: Manifest): Record<string, unknown> {
  const fields = ["data", "stringData"].filter((field) => manifest[field] !== undefined);
  return Object.fromEntries(fields.map((field) => [field, pulumi.secret(manifest[field])]));
}
