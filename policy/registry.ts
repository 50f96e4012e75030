import { EXCEPTION_RULES } from "./exceptions";
import type { Rule, RuleDescription } from "./rule";
import { accessRules } from "./rules/access";
import { availabilityRules } from "./rules/availability";
import { containerRules } from "./rules/containers";
import { imageRules } from "./rules/images";
import { ingressRules } from "./rules/ingresses";
import { metadataRules } from "./rules/metadata";
import { networkPolicyRules } from "./rules/network-policies";
import { podSecurityRules } from "./rules/pod-security";
import { probeRules } from "./rules/probes";
import { secretRules } from "./rules/secrets";
import { serviceRules } from "./rules/services";
import { workloadRules } from "./rules/workloads";

/** Rules of one subject, under a heading for readers. */
export interface RuleGroup {
  readonly title: string;
  readonly rules: readonly Rule[];
}

/** Every rule of the platform, in the order of the documentation. */
export const RULE_GROUPS: readonly RuleGroup[] = [
  { title: "Pod Security Standards", rules: podSecurityRules },
  { title: "Containers", rules: containerRules },
  { title: "Images", rules: imageRules },
  { title: "Probes", rules: probeRules },
  { title: "Secrets", rules: secretRules },
  { title: "Workloads", rules: workloadRules },
  { title: "Availability", rules: availabilityRules },
  { title: "Network policies", rules: networkPolicyRules },
  { title: "Services", rules: serviceRules },
  { title: "Ingresses", rules: ingressRules },
  { title: "Access to the Kubernetes API", rules: accessRules },
  { title: "Names, labels and versions", rules: metadataRules },
];

/** Every rule, without the groups. */
export const RULES: readonly Rule[] = RULE_GROUPS.flatMap(({ rules }) => rules);

/** Built-in kube-linter checks that the platform does not adopt, with the reason. */
export const NOT_ADOPTED: Readonly<Record<string, string>> = {
  "dnsconfig-options": "a matter of name-resolution speed that depends on the cluster, not of correctness",
  "hpa-minimum-three-replicas": "small environments run fewer replicas on purpose; the presets decide",
  "minimum-three-replicas": "small environments run fewer replicas on purpose; the presets decide",
  "no-node-affinity": "the platform must run on clusters without labelled nodes",
  "no-rolling-update-strategy": "contradicts `read-write-once-recreate`",
  "priority-class-name": "accepts only the classes of the cluster's own components",
  "privileged-ports": "current runtimes let every user bind low ports, and contracts fix port 80",
  "read-secret-from-env-var": "most images read credentials from nowhere else; literals are refused all the same",
  "required-annotation-email": "ownership is recorded by `recommended-labels`",
  "required-label-owner": "ownership is recorded by `recommended-labels`",
  "restart-policy": "refuses `Never`, which Jobs need",
  "scc-deny-privileged-container": "a kind of OpenShift; the platform has none",
  "schema-validation": "the API server validates every object, in the preview already",
  "sorted-keys": "a matter of files; the renderer sorts all keys",
};

/** Markdown page section: one table of rules for each group. Deterministic. */
export function rulesTable(): string {
  return [...RULE_GROUPS, { title: "Exceptions", rules: EXCEPTION_RULES }]
    .map(({ title, rules }) => `### ${title}\n\n${table(rules)}`)
    .join("\n");
}

/** Markdown table of the kube-linter checks that the platform does not adopt. Deterministic. */
export function notAdoptedTable(): string {
  const rows = Object.entries(NOT_ADOPTED).map(([name, reason]) => `| \`${name}\` | ${reason} |\n`);
  return `| Check | Why not |\n|---|---|\n${rows.join("")}`;
}

function table(rules: readonly RuleDescription[]): string {
  const rows = rules.map(({ name, severity, description, remediation, url }) => {
    const title = url === undefined ? `\`${name}\`` : `[\`${name}\`](${url})`;
    return `| ${title} | ${severity} | ${description} | ${remediation} |\n`;
  });
  return `| Rule | Severity | Demands | Otherwise |\n|---|---|---|---|\n${rows.join("")}`;
}
