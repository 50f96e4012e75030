import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import type { Resources } from "../kubernetes/pod";
import { httpProbe } from "../kubernetes/probes";
import { portalConfiguration } from "./harbor-nginx-configuration";
import { HARBOR_USER, harborPorts, SERVICE_HTTP_PORT } from "./harbor-parts";
import {
  containerPort,
  fileMount,
  fixedName,
  type HarborScope,
  partChecksum,
  partMetadata,
  partObjectName,
  partService,
} from "./harbor-scope";
import { inRhythm, lateLiveness, partDeployment } from "./harbor-workload";

const CONFIGURATION_FILE = "nginx.conf";

export interface HarborPortalArgs {
  readonly replicas: number;
  readonly resources: Resources;
  readonly ipv6: boolean;
}

/** The web pages. */
export function harborPortal(scope: HarborScope, args: HarborPortalArgs): void {
  const configuration = portalConfiguration(args.ipv6);
  const configMap = new ConfigMap(
    `${scope.name}-portal-configuration`,
    { metadata: partMetadata(scope, "portal"), data: { [CONFIGURATION_FILE]: configuration } },
    fixedName(scope),
  );
  partService(scope, "portal", [{ port: SERVICE_HTTP_PORT, target: harborPorts.http }]);
  const page = httpProbe("/", harborPorts.http);
  partDeployment(scope, "portal", {
    replicas: args.replicas,
    user: HARBOR_USER,
    containers: [
      {
        name: "portal",
        image: scope.images.portal,
        ports: [containerPort("http", harborPorts.http)],
        resources: args.resources,
        livenessProbe: lateLiveness(page),
        readinessProbe: inRhythm(page, { initialDelay: 1 }),
        volumeMounts: [fileMount("configuration", "/etc/nginx/nginx.conf", CONFIGURATION_FILE)],
        writable: ["/tmp"],
      },
    ],
    volumes: [{ name: "configuration", configMap: { name: partObjectName("portal") } }],
    annotations: partChecksum(scope, { configuration }),
    dependsOn: [configMap],
  });
}
