import * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding, PostgresEndpoint } from "../../components/contracts";
import { externalPostgres } from "../../components/data/external-postgres";
import { PostgresDatabase } from "../../components/data/postgres-database";
import { LAST_TABLE } from "../../components/kubekloud/api-pod";
import { KubeKloudApi } from "../../components/kubekloud/kubekloud-api";
import { apiObjects } from "../../components/kubekloud/objects";
import { TenantGuard } from "../../components/kubekloud/tenant-guard";
import { pushCommands } from "../../components/registry/pushed-image";
import type { Registry } from "./harbor";
import type { Site } from "./site";

/** KubeKloud: its database, the guard of its tenants, and the API, whose image comes from the registry. */
export function composeKubeKloud(site: Site, registry: Registry): void {
  const { cluster, kubekloud } = site.settings;
  const namespace = site.namespace(kubekloud.namespace, "kubekloud", { holdsData: true });
  const { tenants, image, exposure } = kubekloud;
  const guard = new TenantGuard(
    "kubekloud-tenants",
    {
      namespace,
      image: site.image("python"),
      policy: {
        ...tenants,
        podSecurity: kubekloud.kubevirt ? "privileged" : "baseline",
        virtualMachines: kubekloud.kubevirt,
        clusterCidrs: [...cluster.podCidrs, ...cluster.serviceCidrs],
        dns: cluster.dns,
      },
      kubernetesApi: site.kubernetesApi,
    },
    site.options,
  );
  site.add("kubekloud-tenants", guard);

  const issuer = site.issuerFor(exposure);
  const [project = ""] = image.repository.split("/");
  const login = registry.pull(project);
  const api = new KubeKloudApi(
    "kubekloud-api",
    {
      namespace,
      registry: login,
      image: { ...image, ...site.pullPushed },
      imageGate: kubekloud.imageGate,
      database: composeDatabase(site, namespace),
      databaseClient: site.image("postgres"),
      scaling: kubekloud.scaling,
      resources: kubekloud.resources,
      exposure,
      ingress: site.ingress,
      ...(issuer !== undefined && { issuer }),
      userAdministration: kubekloud.userAdministration,
      podCidrs: cluster.podCidrs,
      kubernetesApi: site.kubernetesApi,
    },
    site.options,
  );
  site.add("kubekloud", api);
  const push = pushCommands(api.imageReference, login.host, registry.push(project)?.username);
  const note = `The KubeKloud API starts once its image is in the registry. To push it (docs/harbor.md says where the password is): \`${push}\``;
  site.notes.push(note, tablesNote(kubekloud.namespace));
  if (kubekloud.imageGate === "await") {
    // A first run that fails for lack of the image leaves no outputs to read this in.
    void pulumi.log.warn(note);
  }
}

function tablesNote(namespace: string): string {
  const remove = `kubectl delete job -n ${namespace} -l app.kubernetes.io/instance=${apiObjects.schema}`;
  return `Where pods of the KubeKloud API wait for the table \`${LAST_TABLE}\` and their Job has failed or is gone: \`${remove}\`, then \`up\` with \`--refresh\`, makes it anew.`;
}

function composeDatabase(site: Site, namespace: NamespaceBinding): PostgresEndpoint {
  const { cluster, lifecycle, kubekloud } = site.settings;
  const { external, tls, exporter, ...server } = kubekloud.database;
  if (external !== undefined) {
    return externalPostgres(external);
  }
  const issuer = tls ? site.ownIssuer() : undefined;
  const database = new PostgresDatabase(
    "kubekloud-postgres",
    {
      ...server,
      namespace,
      system: "kubekloud",
      image: site.image("postgres"),
      clients: { api: { database: "kubekloud", username: "kubekloud_user" } },
      ...(issuer?.kind === "selfMade" && { issuer }),
      ...(exporter && { exporter: { image: site.image("postgres-exporter") } }),
      clusterDomain: cluster.domain,
      lifecycle,
    },
    site.options,
  );
  site.add("kubekloud-postgres", database);
  if (database.metrics !== undefined) {
    site.scrape("kubekloud-postgres-metrics", { ...database.metrics, namespace, system: "kubekloud" });
  }
  return database.endpoint("api", kubekloud.namespace);
}
