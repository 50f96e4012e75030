import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Whether the pods of a StatefulSet wait for each other. One after the other (Kubernetes' default) the controller also
 * waits for a pod that can never become ready before it takes that pod away: after a wrong image the right one would
 * never be tried.
 */
export const withoutOrder: Pick<types.input.apps.v1.StatefulSetSpec, "podManagementPolicy"> = {
  podManagementPolicy: "Parallel",
};

/**
 * The policy can never be changed. A StatefulSet that has another one, of an earlier version of this program, keeps it
 * instead of being replaced, with its claims where they go with it; docs/mariadb.md says how people change it.
 */
export const keepsItsOrder: Pick<pulumi.CustomResourceOptions, "ignoreChanges"> = {
  ignoreChanges: ["spec.podManagementPolicy"],
};
