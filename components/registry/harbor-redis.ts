import type * as pulumi from "@pulumi/pulumi";
import type { RedisEndpoint } from "../contracts";
import type { Resources } from "../kubernetes/pod";
import { tcpProbe } from "../kubernetes/probes";
import { DATA_USER, harborPorts, partName, partSelector } from "./harbor-parts";
import { containerPort, type HarborScope, partService } from "./harbor-scope";
import { type DataLifecycle, inRhythm, lateLiveness, type PartClaim, partStatefulSet } from "./harbor-workload";

const CLAIM = "data";

export interface HarborRedisArgs {
  readonly resources: Resources;
  readonly storage: Omit<PartClaim, "name">;
  readonly lifecycle: DataLifecycle;
}

/**
 * Sessions, caches and the queue of jobs. The image knows no password, and whoever writes to the queue can make the job
 * service work for him, so only Harbor's own pods may reach it.
 */
export function harborRedis(
  scope: HarborScope,
  args: HarborRedisArgs,
): { readonly endpoint: RedisEndpoint; readonly ready: pulumi.Resource } {
  const service = partService(scope, "redis", [{ port: harborPorts.redis }]);
  const answers = tcpProbe(harborPorts.redis);
  const ready = partStatefulSet(scope, "redis", {
    replicas: 1,
    user: DATA_USER,
    containers: [
      {
        name: "redis",
        image: scope.images.redis,
        ports: [containerPort("redis", harborPorts.redis)],
        resources: args.resources,
        livenessProbe: lateLiveness(answers),
        readinessProbe: inRhythm(answers, { initialDelay: 1 }),
        volumeMounts: [{ name: CLAIM, mountPath: "/var/lib/redis" }],
        writable: ["/tmp"],
      },
    ],
    annotations: {},
    terminationGraceSeconds: 120,
    claim: { ...args.storage, name: CLAIM },
    lifecycle: args.lifecycle,
    dependsOn: [service],
  });
  return {
    ready,
    endpoint: {
      system: "Harbor Redis",
      ports: [harborPorts.redis],
      peer: { namespace: scope.namespace.plainName, podLabels: partSelector("redis") },
      host: partName("redis"),
      port: harborPorts.redis,
      tls: false,
    },
  };
}
