import type * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding, NetworkPlace } from "../../components/contracts";
import { IsolatedNamespace } from "../../components/isolation/isolated-namespace";
import { NetworkIsolation } from "../../components/isolation/network-isolation";
import type { Manifest } from "../../stacks/render";
import { type Registration, recordProgram } from "../../stacks/render/recording-monitor";

/** What a piece of a program registered, without settings and the rest of the platform. */
export interface RenderedComponent {
  readonly registrations: readonly Registration[];
  /** The Kubernetes objects among them. */
  readonly manifests: readonly Manifest[];
}

/** Runs a piece of a program without engine and cluster. */
export async function renderComponent(program: () => unknown): Promise<RenderedComponent> {
  const registrations = await recordProgram(
    async () => {
      await program();
    },
    { project: "platform", stack: "test", configuration: {}, secretKeys: [] },
  );
  const manifests = registrations
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ name, inputs }) => ({ ...inputs, metadata: { name, ...(inputs["metadata"] as object) } }) as Manifest);
  return { registrations, manifests };
}

/** A namespace of the platform with one component in it, and the network policies that follow from both. */
export function isolated(namespace: string, make: (namespace: NamespaceBinding) => NetworkPlace): void {
  const made = new IsolatedNamespace(namespace, { namespace, system: namespace });
  const { workloads, connections } = make(made);
  const dns = { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" } };
  new NetworkIsolation("network", { workloads, connections, dns, namespaces: [made] });
}

/** The value of an output that is known in a test. */
export function resolved<Value>(output: pulumi.Output<Value>): Promise<Value> {
  return new Promise((resolve) => output.apply(resolve));
}
