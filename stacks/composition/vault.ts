import * as pulumi from "@pulumi/pulumi";
import type { Endpoint, VaultEndpoint } from "../../components/contracts";
import type { WildcardCertificate } from "../../components/identity/wildcard-certificate";
import { externalVault } from "../../components/secrets/external-vault";
import { HostClusterAccount } from "../../components/secrets/host-cluster-account";
import { Vault } from "../../components/secrets/vault";
import { VaultBootstrap } from "../../components/secrets/vault-bootstrap";
import {
  kpaasPolicies,
  ROLE_PREFIX,
  SECRETS_ENGINE,
  type VaultApplication,
} from "../../components/secrets/vault-kpaas-policies";
import type { VaultSeal } from "../../components/secrets/vault-seal";
import type { Settings } from "../settings";
import { portalVaultClients } from "../settings/vault-clients";
import { kpaasAddress, kpaasProfile } from "./kpaas-addresses";
import { hostClusterApiUrl } from "./kpaas-host-cluster";
import type { Site } from "./site";

type VaultSettings = Settings["vault"];

const DAY_SECONDS = 86_400;

/** What Vault takes from other systems. */
export interface VaultSurroundings {
  /** The id of the host cluster, under which the database knows it too. */
  readonly hostClusterId: pulumi.Input<string>;
  /** For the public address; none where that has no TLS. */
  readonly certificate: WildcardCertificate | undefined;
}

/** Logins of the portal's applications at the platform's own Vault, or at the one that the settings name. */
export function composeVault(
  site: Site,
  surroundings: VaultSurroundings,
): (application: VaultApplication) => VaultEndpoint {
  const { vault } = site.settings;
  return vault.external === undefined ? ownVault(site, surroundings) : externalLogins(vault.external);
}

function ownVault(
  site: Site,
  { hostClusterId, certificate }: VaultSurroundings,
): (application: VaultApplication) => VaultEndpoint {
  const { cluster, kpaas, lifecycle, vault } = site.settings;
  const { vault: place, vaultImage } = kpaasProfile(kpaas);
  const { namespace: namespaceName, serviceName, servicePort } = place;
  const namespace = site.namespace(namespaceName, "vault", { holdsData: true });
  const { exposure, url } = kpaasAddress(kpaas, "vault");
  if (exposure.type === "ingress") {
    certificate?.binding(namespace, [exposure.host]);
  }
  const scriptImage = site.image("python");
  const issuer = vault.tls ? site.ownIssuer() : undefined;
  const server = new Vault(
    "vault",
    {
      namespace,
      image: site.image(vaultImage),
      scriptImage,
      replicas: vault.replicas,
      resources: vault.resources,
      storage: { size: vault.storage.size, class: vault.storage.class ?? kpaas.storageClass },
      seal: sealOf(vault.seal),
      service: { name: serviceName, port: servicePort },
      exposure,
      publicUrl: exposure.type === "clusterIp" ? undefined : url,
      ingress: site.ingress,
      issuer: issuer?.kind === "selfMade" ? issuer : undefined,
      metrics: vault.metrics,
      clusterDomain: cluster.domain,
      lifecycle,
    },
    site.options,
  );
  site.add("vault", server);
  if (server.metrics !== undefined) {
    site.scrape("vault-metrics", { ...server.metrics, namespace, system: "vault" });
  }
  const { account } = new HostClusterAccount(
    "host-cluster-account",
    { namespace, accountName: vault.hostCluster.account },
    site.options,
  );
  const bootstrap = new VaultBootstrap<VaultApplication>(
    "vault-bootstrap",
    {
      namespace,
      image: scriptImage,
      server: server.server,
      kubernetesApi: site.kubernetesApi,
      engine: SECRETS_ENGINE,
      rolePrefix: ROLE_PREFIX,
      applications: portalVaultClients(kpaas),
      policies: pulumi.output(hostClusterId).apply(kpaasPolicies),
      rotation: vault.secretIdRotation,
      tokenLife: { ttl: vault.tokens.ttlSeconds, maxTtl: vault.tokens.maxTtlSeconds },
      audit: vault.audit,
      hostCluster: {
        id: hostClusterId,
        apiUrl: hostClusterApiUrl(site.settings),
        account,
        tokenSeconds: vault.hostCluster.tokenDays * DAY_SECONDS,
      },
      schedule: vault.reconcileSchedule,
    },
    site.options,
  );
  site.add("vault-bootstrap", bootstrap);
  return (application) => bootstrap.endpoint(application);
}

function sealOf(seal: VaultSettings["seal"]): VaultSeal {
  if (seal.type === "shamir") {
    return seal;
  }
  const { type, shares, threshold, parameters, credentials } = seal;
  const { cidrs, ports } = seal.server;
  const server: Endpoint = { system: "Key server", ports, peer: { cidrs } };
  return { type, shares, threshold, parameters: { ...parameters }, credentials: { ...credentials }, server };
}

function externalLogins({
  applications,
  ...server
}: NonNullable<VaultSettings["external"]>): (application: VaultApplication) => VaultEndpoint {
  return (application) => {
    const role = applications[application];
    if (role === undefined) {
      throw new Error(`platform:vault.external.applications.${application} is not set.`);
    }
    return externalVault({ ...server, ...role });
  };
}
