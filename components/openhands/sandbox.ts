import { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1";
import { LimitRange, ResourceQuota, Secret } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type {
  Connection,
  Endpoint,
  Issuer,
  NamespaceBinding,
  NetworkPlace,
  RegistryEndpoint,
  Workload,
} from "../contracts";
import type { IngressFacts } from "../exposure/exposure";
import { selfMadeCertificate } from "../exposure/self-made-certificate";
import { enforceAdmissionPolicy } from "../isolation/admission-policy";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";
import { type DnsPeer, workloadPolicy } from "../kubernetes/network-policy";
import { runtimeRules } from "./access";
import type { SandboxFacts } from "./configuration";
import { CONFINEMENT, EDITOR_PORT, EXECUTION_PORT, PULL_SECRET, sandboxObjects, sandboxPodLabels } from "./names";
import { withholdToken } from "./sandbox-account";
import { runtimeClassMutation, sandboxConfinement } from "./sandbox-confinement";
import { limitSpec, quotaSpec, type SandboxQuota } from "./sandbox-limits";

/** What the settings say about sandboxes, besides what the application itself is told. */
export interface SandboxPolicy {
  readonly quota: SandboxQuota;
  /** Let pods in the namespace use the node's network, processes and files. The application never asks for it. */
  readonly hostAccess: boolean;
  /** RuntimeClass of all sandboxes: gVisor, Kata, Sysbox. @default that of the nodes */
  readonly runtimeClass?:
    | {
        readonly name: string;
        /**
         * Who writes it into the pods, which the application cannot do: a MutatingAdmissionPolicy of the platform
         * (Kubernetes 1.36 and later), or something that the cluster has anyway (Kyverno, a webhook).
         */
        readonly setBy: "platform" | "cluster";
      }
    | undefined;
  /** Certificate for `*.<editorDomain>`: made by the platform's authority, or a Secret that somebody puts there. */
  readonly certificate?:
    | { readonly issuer: Extract<Issuer, { kind: "selfMade" }> }
    | { readonly secretName: string }
    | undefined;
  /** What sandboxes may connect to outside the cluster. */
  readonly egress: readonly Endpoint[];
}

export interface OpenHandsSandboxArgs {
  /** Namespace of the sandboxes and of nothing else. */
  readonly namespace: NamespaceBinding;
  /** The application, which makes the sandboxes. */
  readonly application: {
    readonly workload: Workload;
    readonly namespace: NamespaceBinding;
    /** Its service account, called like the workload. */
    readonly account: pulumi.Resource;
  };
  readonly facts: SandboxFacts;
  readonly policy: SandboxPolicy;
  /** Login that pulls the sandboxes' image. @default none is needed */
  readonly registry?: RegistryEndpoint | undefined;
  /** Python 3, for the Job that changes the default account. */
  readonly python: ResolvedImage;
  readonly ingress: IngressFacts;
  readonly dns: DnsPeer;
  readonly kubernetesApi: Endpoint;
}

/** The namespace in which the application makes its sandboxes while it runs: rights, limits, isolation. */
export class OpenHandsSandbox extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** Secret with the certificate of the editors. */
  readonly tlsSecret: string | undefined;
  /** The application waits for these: before, a sandbox would be refused, or less confined than it should be. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: OpenHandsSandboxArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:openhands:OpenHandsSandbox", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { namespace, policy, facts } = args;
    const labels = standardLabels({ system: "openhands", instance: namespace.plainName, component: "sandbox" });
    const metadata = (objectName: string) => ({ name: objectName, namespace: namespace.name, labels });
    const quota = new ResourceQuota(
      `${name}-quota`,
      { metadata: metadata(sandboxObjects.quota), spec: quotaSpec(policy.quota) },
      fixedName,
    );
    const limits = new LimitRange(
      `${name}-limits`,
      { metadata: metadata(sandboxObjects.limits), spec: limitSpec(facts.resources) },
      fixedName,
    );
    const confined = enforceAdmissionPolicy(
      `${name}-confinement`,
      {
        name: CONFINEMENT,
        labels,
        spec: sandboxConfinement(namespace.plainName, {
          privileged: facts.privileged,
          hostAccess: policy.hostAccess,
          runtimeClass: policy.runtimeClass?.name,
          editorDomain: facts.editorDomain,
        }),
      },
      fixedName,
    );
    const role = new Role(
      `${name}-role`,
      { metadata: metadata(sandboxObjects.access), rules: runtimeRules },
      fixedName,
    );
    const binding = new RoleBinding(
      `${name}-binding`,
      {
        metadata: {
          ...metadata(sandboxObjects.access),
          annotations: exceptionAnnotations({
            "access-to-create-pods":
              "Making sandboxes is what the application is for; it can do so in a namespace that holds nothing else.",
          }),
        },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: sandboxObjects.access },
        subjects: [
          {
            kind: "ServiceAccount",
            name: args.application.workload.name,
            namespace: args.application.namespace.plainName,
          },
        ],
      },
      { ...fixedName, dependsOn: [role, args.application.account, confined] }, // no moment with the rights and without the confinement
    );
    const token = withholdToken(
      `${name}-token`,
      { application: args.application.namespace, sandboxes: namespace, image: args.python },
      fixedName,
    );
    this.tlsSecret = this.addCertificate(name, args, metadata(sandboxObjects.certificate));
    const pullSecret = this.addPullSecret(name, args, metadata(PULL_SECRET));
    const runtimeClass = this.addRuntimeClass(name, args, labels);
    this.workloads = [token.workload];
    this.connections = [
      { from: token.workload, to: args.kubernetesApi, ports: args.kubernetesApi.ports },
      ...sandboxConnections(args),
    ];
    const network = this.addNetworkPolicy(name, args, metadata(sandboxObjects.network));
    this.ready = [quota, limits, binding, network, token.job, ...pullSecret, ...runtimeClass];
    this.registerOutputs({});
  }

  /** The pods are no part of the stack, so that the rule for them is not made with those of the platform's own. */
  private addNetworkPolicy(name: string, args: OpenHandsSandboxArgs, metadata: ObjectMetadata): NetworkPolicy {
    return new NetworkPolicy(
      `${name}-network`,
      {
        metadata: {
          ...metadata,
          annotations: exceptionAnnotations({
            "dangling-networkpolicy": "The pods that it selects are made by the application while it runs.",
          }),
        },
        spec: workloadPolicy(sandboxes(args), this.connections, args.dns),
      },
      { parent: this, deleteBeforeReplace: true },
    );
  }

  private addPullSecret(name: string, { registry }: OpenHandsSandboxArgs, metadata: ObjectMetadata): pulumi.Resource[] {
    return registry === undefined ? [] : [pullSecret(`${name}-pull-secret`, registry, metadata, this)];
  }

  private addCertificate(name: string, args: OpenHandsSandboxArgs, metadata: ObjectMetadata): string | undefined {
    const { certificate } = args.policy;
    if (certificate === undefined || args.facts.editorDomain === undefined) {
      return undefined;
    }
    if ("secretName" in certificate) {
      return certificate.secretName;
    }
    const { issuer } = certificate;
    const made = selfMadeCertificate(name, `*.${args.facts.editorDomain}`, issuer, { parent: this });
    new Secret(
      `${name}-tls`,
      {
        metadata,
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": made.certificate, "tls.key": made.key, "ca.crt": issuer.certificate },
      },
      { parent: this, deleteBeforeReplace: true },
    );
    return metadata.name;
  }

  private addRuntimeClass(
    name: string,
    { namespace, policy }: OpenHandsSandboxArgs,
    labels: Readonly<Record<string, string>>,
  ): pulumi.Resource[] {
    if (policy.runtimeClass?.setBy !== "platform") {
      return [];
    }
    const options = { parent: this, deleteBeforeReplace: true };
    const metadata = { name: CONFINEMENT, labels };
    const mutation = new MutatingAdmissionPolicy(
      `${name}-runtime-class`,
      { metadata, spec: runtimeClassMutation(namespace.plainName, policy.runtimeClass.name) },
      options,
    );
    return [
      new MutatingAdmissionPolicyBinding(
        `${name}-runtime-class-binding`,
        { metadata, spec: { policyName: CONFINEMENT } },
        { ...options, dependsOn: [mutation] },
      ),
    ];
  }
}

interface ObjectMetadata {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The Secret that pods pull the registry's images with. */
export function pullSecret(
  name: string,
  registry: RegistryEndpoint,
  metadata: ObjectMetadata,
  parent: pulumi.Resource,
): Secret {
  return new Secret(
    name,
    {
      metadata,
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": registry.dockerConfigJson },
    },
    // Pods wait for it: before, the login would be refused.
    { parent, deleteBeforeReplace: true, dependsOn: [...registry.ready] },
  );
}

/** The pods that the application makes. */
function sandboxes({ namespace }: OpenHandsSandboxArgs): Workload {
  return {
    system: "openhands sandboxes",
    name: sandboxObjects.network,
    namespace: namespace.plainName,
    podLabels: sandboxPodLabels,
  };
}

/** Commands from the application, browsers at the editor, and the way out. Sandboxes do not reach each other. */
function sandboxConnections(args: OpenHandsSandboxArgs): Connection[] {
  const { system, namespace, podLabels } = sandboxes(args);
  const peer = { namespace, podLabels };
  const to = (port: number): Endpoint => ({ system, ports: [port], peer });
  const controller = { system: "Ingress controller", peer: args.ingress.controller };
  return [
    { from: args.application.workload, to: to(EXECUTION_PORT), ports: [EXECUTION_PORT] },
    ...(args.facts.editorDomain === undefined ? [] : [{ from: controller, to: to(EDITOR_PORT), ports: [EDITOR_PORT] }]),
    ...args.policy.egress.map((server) => ({ from: { system, peer }, to: server, ports: server.ports })),
  ];
}
