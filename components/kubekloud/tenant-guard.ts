import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, Endpoint, NamespaceBinding, NetworkPlace, Workload } from "../contracts";
import { checksumAnnotation, stableJson } from "../kubernetes/checksum";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import { restrictedPod } from "../kubernetes/pod";
import { execProbe, startsWithin } from "../kubernetes/probes";
import { guardRules } from "./access";
import { ConfinedAccount } from "./confined-account";
import { guardConfinement } from "./confinement";
import { GUARD_NAME, type TenantPolicyFacts, tenantPolicy } from "./tenant-policy";

/** The user `nobody`. */
const UID = 65534;

const FILES_VOLUME = "files";
const FILES_DIRECTORY = "/etc/tenant-guard";
const SCRIPT_FILE = "tenant_guard.py";
const POLICY_FILE = "policy.json";

const guardScript = readFileSync(join(__dirname, "scripts", SCRIPT_FILE), "utf8");

/** Fails when the loop has not gone round for five minutes, which is five times what it needs. */
const HEARTBEAT_CHECK = 'test -n "$(find /tmp/heartbeat -mmin -5)"';

export interface TenantGuardArgs {
  readonly namespace: NamespaceBinding;
  /** Python 3; the script uses the standard library only. */
  readonly image: ResolvedImage;
  /** What every tenant namespace gets. */
  readonly policy: TenantPolicyFacts;
  readonly kubernetesApi: Endpoint;
}

/**
 * Gives the namespaces that KubeKloud makes at run time their quota, limits, isolation and Pod Security level. One
 * instance is enough: while it is away nothing that exists loses its protection, and the next one catches up.
 */
export class TenantGuard extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];

  constructor(name: string, args: TenantGuardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:kubekloud:TenantGuard", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const facts = { system: "kubekloud", software: GUARD_NAME, instance: GUARD_NAME };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, component: "tenant-guard", version: args.image.version });
    const metadata = { name: GUARD_NAME, namespace: args.namespace.name, labels };
    const files = { [SCRIPT_FILE]: guardScript, [POLICY_FILE]: tenantPolicy(args.policy) };
    const configMap = new ConfigMap(`${name}-files`, { metadata, data: files }, fixedName);
    const account = new ConfinedAccount(
      `${name}-access`,
      {
        namespace: args.namespace,
        labels,
        names: { account: GUARD_NAME, role: GUARD_NAME, binding: GUARD_NAME, confinement: GUARD_NAME },
        rules: guardRules,
        confinement: guardConfinement({ namespace: args.namespace.plainName, name: GUARD_NAME }),
      },
      { parent: this },
    );
    new Deployment(
      `${name}-guard`,
      {
        metadata: {
          ...metadata,
          annotations: exceptionAnnotations({
            "automount-service-account-token": "It applies the tenants' objects through the Kubernetes API.",
          }),
        },
        spec: {
          replicas: 1,
          strategy: { type: "Recreate" }, // two versions would undo each other's changes
          revisionHistoryLimit: 3,
          selector: { matchLabels: podLabels },
          template: {
            metadata: { labels, annotations: checksumAnnotation(stableJson(files)) },
            spec: guardPod(args.image),
          },
        },
      },
      { ...fixedName, dependsOn: [configMap, ...account.ready] },
    );
    const workload: Workload = {
      system: "kubekloud",
      name: GUARD_NAME,
      namespace: args.namespace.plainName,
      podLabels,
    };
    this.workloads = [workload];
    this.connections = [{ from: workload, to: args.kubernetesApi, ports: args.kubernetesApi.ports }];
    this.registerOutputs({});
  }
}

function guardPod(image: ResolvedImage) {
  const beats = execProbe(["sh", "-c", HEARTBEAT_CHECK], { periodSeconds: 30 });
  return restrictedPod({
    identity: { uid: UID },
    serviceAccountName: GUARD_NAME,
    mountToken: true,
    containers: [
      {
        name: "tenant-guard",
        image,
        command: ["python", "-B", `${FILES_DIRECTORY}/${SCRIPT_FILE}`],
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "100m", memory: "96Mi" } },
        startupProbe: startsWithin(120, beats),
        readinessProbe: beats,
        livenessProbe: beats,
        volumeMounts: [{ name: FILES_VOLUME, mountPath: FILES_DIRECTORY, readOnly: true }],
        writable: ["/tmp"],
      },
    ],
    volumes: [{ name: FILES_VOLUME, configMap: { name: GUARD_NAME } }],
  });
}
