import type { ChartRepositoryEndpoint } from "../../components/contracts";
import type { WildcardCertificate } from "../../components/identity/wildcard-certificate";
import { ChartMuseum } from "../../components/registry/chart-museum";
import { externalChartRepository } from "../../components/registry/external-chart-repository";
import { kpaasAddress, kpaasProfile } from "./kpaas-addresses";
import type { Site } from "./site";

/**
 * ChartMuseum, or the chart repository that the settings name.
 * @param certificate of the hosts behind the ingress; none where addresses have no TLS
 */
export function composeChartMuseum(site: Site, certificate: WildcardCertificate | undefined): ChartRepositoryEndpoint {
  const { chartmuseum, cluster, kpaas, lifecycle } = site.settings;
  if (chartmuseum.external !== undefined) {
    return externalChartRepository(chartmuseum.external);
  }
  const { exposed, metrics, anonymousRead, storage, resources } = chartmuseum;
  const place = kpaasProfile(kpaas).chartMuseum;
  const namespace = site.namespace(chartmuseum.namespace, "chartmuseum", { holdsData: true });
  const { exposure, url } = kpaasAddress(kpaas, "chartmuseum");
  const isPublic = exposed && exposure.type !== "clusterIp";
  const tls = isPublic ? certificate?.binding(namespace, [new URL(url).hostname]) : undefined;
  const museum = new ChartMuseum(
    "chartmuseum",
    {
      namespace,
      service: { name: place.serviceName, port: place.servicePort },
      image: site.image("chartmuseum"),
      resources,
      storage: { size: storage.size, class: storage.class ?? kpaas.storageClass },
      anonymousRead,
      metrics,
      exposure: isPublic ? exposure : { type: "clusterIp" },
      publicUrl: isPublic ? url : undefined,
      ingress: site.ingress,
      certificateAuthority: tls?.certificateAuthority,
      clusterDomain: cluster.domain,
      lifecycle,
    },
    site.options,
  );
  site.add("chartmuseum", museum);
  site.credentials["chartmuseum"] = { username: museum.username, password: museum.password };
  if (museum.metrics !== undefined) {
    site.scrape("chartmuseum-metrics", { ...museum.metrics, namespace, system: "chartmuseum" });
  }
  return museum.repository;
}
