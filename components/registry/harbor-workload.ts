import type { types } from "@pulumi/kubernetes";
import { Deployment, StatefulSet } from "@pulumi/kubernetes/apps/v1";
import type * as pulumi from "@pulumi/pulumi";
import { spreadOverNodes } from "../kubernetes/affinity";
import { exceptionAnnotations, type PolicyExceptions } from "../kubernetes/exceptions";
import { type RestrictedContainer, type RestrictedPod, restrictedPod } from "../kubernetes/pod";
import { keepsItsOrder, withoutOrder } from "../kubernetes/stateful-set";
import { type HarborPart, partSelector } from "./harbor-parts";
import { fixedName, type HarborScope, partMetadata } from "./harbor-scope";

type Probe = types.input.core.v1.Probe;

/** Why most of Harbor's containers keep a writable root file system. */
export const installsCertificates: PolicyExceptions = {
  "no-read-only-root-fs":
    "The entrypoint of Harbor's image rewrites the bundle of trusted authorities inside the image at every start and ends when it cannot.",
};

/** The pods of a part and how they are replaced. */
export interface PartPods {
  readonly replicas: number;
  /** User and group of the processes. */
  readonly user: number;
  readonly containers: readonly [RestrictedContainer, ...RestrictedContainer[]];
  readonly initContainers?: readonly RestrictedContainer[];
  readonly volumes?: readonly types.input.core.v1.Volume[];
  /** Checksum of everything that is read at the start only. */
  readonly annotations: Readonly<Record<string, pulumi.Input<string>>>;
  /** Rules that the pods cannot keep, with the reason. */
  readonly exceptions?: PolicyExceptions;
  /** @default Kubernetes' own, 30 */
  readonly terminationGraceSeconds?: number;
  /** Objects that these pods name, and what has to work before they can start. */
  readonly dependsOn: readonly pulumi.Resource[];
}

export interface PartDeployment extends PartPods {
  /** Stop the old pod before the new one starts, because both cannot have the volume. @default false */
  readonly recreate?: boolean;
  /** Time for the pods to become ready. @default 15 */
  readonly startMinutes?: number;
}

/** A part without a volume of its own for each pod. */
export function partDeployment(scope: HarborScope, part: HarborPart, facts: PartDeployment): Deployment {
  const { name, namespace, labels } = partMetadata(scope, part);
  const { startMinutes = 15 } = facts;
  const timeout = `${startMinutes + 5}m`;
  return new Deployment(
    `${scope.name}-${part}`,
    {
      metadata: { name, namespace, labels, annotations: exceptionAnnotations(facts.exceptions) },
      spec: {
        replicas: facts.replicas,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: startMinutes * 60,
        ...(facts.recreate === true && { strategy: { type: "Recreate" } }),
        selector: { matchLabels: partSelector(part) },
        template: { metadata: { labels, annotations: { ...facts.annotations } }, spec: podSpec(scope, part, facts) },
      },
    },
    {
      ...fixedName(scope),
      customTimeouts: { create: timeout, update: timeout },
      dependsOn: [...scope.ready, ...facts.dependsOn],
    },
  );
}

/** A volume of its own for each pod of a part. */
export interface PartClaim {
  /** Name of the claim template; the claims are called `<name>-harbor-<part>-<ordinal>`. */
  readonly name: string;
  /** Kubernetes quantity. */
  readonly size: string;
  /** StorageClass. @default the cluster's default class */
  readonly class?: string | undefined;
}

export interface PartStatefulSet extends PartPods {
  readonly claim: PartClaim;
  readonly lifecycle: DataLifecycle;
}

/** How the part's data is guarded. */
export interface DataLifecycle {
  /** Refuse to delete or replace what holds data, and the keys that open it. */
  readonly protectData: boolean;
  /** Keep claims when their owner is deleted. */
  readonly retainData: boolean;
}

/** A part whose pods have a volume each. */
export function partStatefulSet(scope: HarborScope, part: HarborPart, facts: PartStatefulSet): StatefulSet {
  const { name, namespace, labels } = partMetadata(scope, part);
  const { claim, lifecycle } = facts;
  return new StatefulSet(
    `${scope.name}-${part}`,
    {
      metadata: { name, namespace, labels, annotations: exceptionAnnotations(facts.exceptions) },
      spec: {
        serviceName: name, // an ordinary Service, as in upstream's chart
        replicas: facts.replicas,
        ...withoutOrder,
        revisionHistoryLimit: 10,
        selector: { matchLabels: partSelector(part) },
        persistentVolumeClaimRetentionPolicy: {
          whenDeleted: lifecycle.retainData ? "Retain" : "Delete",
          whenScaled: "Retain",
        },
        template: { metadata: { labels, annotations: { ...facts.annotations } }, spec: podSpec(scope, part, facts) },
        volumeClaimTemplates: [
          {
            // No version among the labels: a template of claims can never be changed.
            metadata: { name: claim.name, labels: partSelector(part) },
            spec: {
              accessModes: ["ReadWriteOnce"],
              ...(claim.class !== undefined && { storageClassName: claim.class }),
              resources: { requests: { storage: claim.size } },
            },
          },
        ],
      },
    },
    {
      ...fixedName(scope),
      ...keepsItsOrder,
      dependsOn: [...scope.ready, ...facts.dependsOn],
      protect: lifecycle.protectData,
      customTimeouts: { create: "20m", update: "20m" },
    },
  );
}

function podSpec(scope: HarborScope, part: HarborPart, facts: PartPods) {
  const { terminationGraceSeconds } = facts;
  return restrictedPod({
    identity: { uid: facts.user },
    serviceAccountName: scope.serviceAccountName,
    ...(facts.initContainers !== undefined && { initContainers: facts.initContainers }),
    containers: facts.containers,
    ...(facts.volumes !== undefined && { volumes: facts.volumes }),
    placement: {
      // Upstream builds the images for this architecture only.
      nodeSelector: { "kubernetes.io/arch": "amd64" },
      ...(facts.replicas > 1 && { affinity: spreadOverNodes(partSelector(part)) }),
      ...(terminationGraceSeconds !== undefined && { terminationGracePeriodSeconds: terminationGraceSeconds }),
    },
  } satisfies RestrictedPod);
}

/** When and how often a probe asks, in seconds; a try may take one second. */
export interface ProbeRhythm {
  readonly initialDelay: number;
  /** Failures in a row that count. @default 3 */
  readonly failures?: number;
}

/** The probe in the rhythm of upstream's chart: every 10 seconds, 1 second for an answer. */
export function inRhythm(probe: Probe, { initialDelay, failures = 3 }: ProbeRhythm): Probe {
  return {
    ...probe,
    initialDelaySeconds: initialDelay,
    periodSeconds: 10,
    timeoutSeconds: 1,
    failureThreshold: failures,
    successThreshold: 1,
  };
}

/** Liveness only after five minutes, as in upstream's chart: a slow start must not end in a loop of restarts. */
export function lateLiveness(probe: Probe): Probe {
  return inRhythm(probe, { initialDelay: 300 });
}
