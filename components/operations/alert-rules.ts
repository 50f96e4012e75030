import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding } from "../contracts";
import { standardLabels } from "../kubernetes/labels";

/** One condition that people have to hear of. */
export interface AlertRule {
  /** Name of the alert, in CamelCase as is the custom. */
  readonly alert: string;
  /** PromQL; the alert fires for each series that it gives. */
  readonly expr: string;
  /** How long it has to hold before the alert fires. @default at once */
  readonly for?: string;
  readonly severity: "warning" | "critical";
  /** What it means and what to do. */
  readonly summary: string;
}

export interface AlertRulesArgs {
  readonly namespace: NamespaceBinding;
  /** System that the alerts are about. */
  readonly system: string;
  readonly rules: readonly AlertRule[];
}

/** Has Prometheus watch a system. Needs the Prometheus operator in the cluster. */
export class AlertRules extends pulumi.ComponentResource {
  constructor(name: string, args: AlertRulesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:operations:AlertRules", name, {}, opts);
    new CustomResource(
      `${name}-rules`,
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: {
          namespace: args.namespace.name,
          labels: standardLabels({ system: args.system, instance: name, component: "alerts" }),
        },
        spec: {
          groups: [
            {
              name: args.system,
              rules: args.rules.map(({ severity, summary, ...rule }) => ({
                ...rule,
                labels: { severity },
                annotations: { summary },
              })),
            },
          ],
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
