import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import type { HarborPart } from "./harbor-parts";
import { fixedName, type HarborScope, partMetadata } from "./harbor-scope";
import type { DataLifecycle } from "./harbor-workload";

/** A volume of a part whose pods share it. */
export interface ClaimFacts {
  /** Kubernetes quantity. It can grow where the class allows it, and never shrink. */
  readonly size: string;
  /** StorageClass. @default the cluster's default class */
  readonly class?: string | undefined;
  /** `ReadWriteOnce`: one node at a time, so one pod. */
  readonly accessMode: "ReadWriteOnce" | "ReadWriteMany";
}

/** The claim with the part's name. */
export function dataClaim(
  scope: HarborScope,
  part: HarborPart,
  facts: ClaimFacts,
  lifecycle: DataLifecycle,
): PersistentVolumeClaim {
  const { name, namespace, labels } = partMetadata(scope, part);
  return new PersistentVolumeClaim(
    `${scope.name}-${part}-claim`,
    {
      metadata: {
        name,
        namespace,
        labels,
        // A class may bind only when a pod uses the claim, and the pod is made after the claim.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        accessModes: [facts.accessMode],
        ...(facts.class !== undefined && { storageClassName: facts.class }),
        resources: { requests: { storage: facts.size } },
      },
    },
    { ...fixedName(scope), protect: lifecycle.protectData, retainOnDelete: lifecycle.retainData },
  );
}
