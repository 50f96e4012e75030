import type { PropertyMap } from "../../protocol/property-values";
import { kindOf } from "../kinds";
import { ingressRule, serviceRule } from "./network";
import { podRule } from "./pod";
import { conditionOf, explain, hasCondition, minutes, type ReadinessRule, ready, waiting } from "./readiness";
import { claimRule, quotaRule, tokenRule, volumeRule } from "./storage";
import { daemonSetRule, deploymentRule, jobRule, statefulSetRule } from "./workloads";

/** Custom resources of a definition can only be created once it is established. */
const definitionRule: ReadinessRule = {
  timeout: minutes,
  related: [],
  evaluate: (definition) => {
    if (hasCondition(definition, "Established")) return ready;
    const names = conditionOf(definition, "NamesAccepted");
    return waiting("Waiting for the definition", names?.["status"] === "False" ? [explain(names)] : []);
  },
};

/** Rules by group and kind. Objects of any other kind are ready as soon as they exist. */
const rules: Readonly<Record<string, ReadinessRule>> = {
  "/PersistentVolume": volumeRule,
  "/PersistentVolumeClaim": claimRule,
  "/Pod": podRule,
  "/ResourceQuota": quotaRule,
  "/Secret": tokenRule,
  "/Service": serviceRule,
  "apiextensions.k8s.io/CustomResourceDefinition": definitionRule,
  "apps/DaemonSet": daemonSetRule,
  "apps/Deployment": deploymentRule,
  "apps/StatefulSet": statefulSetRule,
  "batch/Job": jobRule,
  "networking.k8s.io/Ingress": ingressRule,
};

export function ruleFor(object: PropertyMap): ReadinessRule | undefined {
  const { group, kind } = kindOf(object);
  const rule = rules[`${group}/${kind}`];
  // Only Secrets that the cluster fills are waited for; most do not need a watch.
  return rule === tokenRule && object["type"] !== "kubernetes.io/service-account-token" ? undefined : rule;
}
