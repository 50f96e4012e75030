import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import type { Connection, Endpoint, NamespaceBinding, Peer, PodLabels } from "../contracts";
import { standardLabels } from "../kubernetes/labels";

export interface MetricsScrapeArgs {
  readonly namespace: NamespaceBinding;
  /** System whose metrics these are. */
  readonly system: string;
  /** Labels of the Service in front of the pods. */
  readonly serviceLabels: PodLabels;
  /** Name of the Service's port. */
  readonly portName: string;
  /** @default /metrics */
  readonly path?: string;
  /** Where the pods serve the metrics. */
  readonly endpoint: Endpoint;
  /** Pods of Prometheus. */
  readonly prometheus: Peer;
}

/** Has Prometheus collect the metrics of a Service every 30 seconds. Needs the Prometheus operator in the cluster. */
export class MetricsScrape extends pulumi.ComponentResource {
  readonly connections: readonly Connection[];

  constructor(name: string, args: MetricsScrapeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:operations:MetricsScrape", name, {}, opts);
    new CustomResource(
      `${name}-monitor`,
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "ServiceMonitor",
        metadata: {
          namespace: args.namespace.name,
          labels: standardLabels({ system: args.system, instance: name, component: "metrics" }),
        },
        spec: {
          selector: { matchLabels: args.serviceLabels },
          // Otherwise the job is called after the Service, which the seeds name as they like.
          jobLabel: "app.kubernetes.io/name",
          endpoints: [
            // Labels that the metrics bring along win over those that Prometheus adds.
            { port: args.portName, path: args.path ?? "/metrics", interval: "30s", honorLabels: true },
          ],
        },
      },
      { parent: this },
    );
    this.connections = [
      { from: { system: "Prometheus", peer: args.prometheus }, to: args.endpoint, ports: args.endpoint.ports },
    ];
    this.registerOutputs({});
  }
}
