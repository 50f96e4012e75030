import type { PodLabels } from "../contracts";

export interface LabelFacts {
  /** System that the object belongs to and that `npm start` shows as a row: `openchecker`, `rabbitmq`. */
  readonly system: string;
  /** Name of the software. @default the system */
  readonly software?: string;
  /** Name of this instance, the same as the workload's object name. */
  readonly instance: string;
  /** Role inside the system: `api`, `worker`, `broker`. */
  readonly component: string;
  /** Version of the software, where the object runs any. */
  readonly version?: string;
}

/** The recommended labels of Kubernetes. `part-of` carries the system, because that is what people group by. */
export function standardLabels(facts: LabelFacts): Record<string, string> {
  return {
    "app.kubernetes.io/name": facts.software ?? facts.system,
    "app.kubernetes.io/instance": facts.instance,
    "app.kubernetes.io/component": facts.component,
    "app.kubernetes.io/part-of": facts.system,
    "app.kubernetes.io/managed-by": "pulumi",
    ...(facts.version !== undefined && { "app.kubernetes.io/version": labelValue(facts.version) }),
  };
}

/** The pod labels of a workload that has no label of its own from a seed: the smallest set that stays the same for ever. */
export function selectorLabels(facts: Pick<LabelFacts, "system" | "software" | "instance">): PodLabels {
  return {
    "app.kubernetes.io/name": facts.software ?? facts.system,
    "app.kubernetes.io/instance": facts.instance,
  };
}

/** Label values allow fewer characters and 63 of them; image tags may have 128. */
function labelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9._-]/g, "_")
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
