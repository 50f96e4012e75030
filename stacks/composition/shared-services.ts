import type { WildcardCertificate } from "../../components/identity/wildcard-certificate";
import { composeCertificates } from "./certificates";
import { composeKeycloak, externalIdentity, type Identity } from "./keycloak";
import { composeHostClusterId } from "./kpaas-host-cluster";
import { composeMariaDb, type Database } from "./mariadb";
import { openHandsClients } from "./openhands";
import type { VaultClient } from "./portal";
import type { Site } from "./site";
import { composeVault } from "./vault";

/** What the systems of K-PaaS share, and Harbor's people log in with. */
export interface SharedServices {
  /** For the hosts behind the ingress; none where addresses have no TLS. */
  readonly certificate: WildcardCertificate | undefined;
  readonly database: Database;
  readonly identity: Pick<Identity, "client"> & Partial<Identity>;
  /** Login of an application at Vault. */
  readonly vault: (application: VaultClient) => ReturnType<ReturnType<typeof composeVault>>;
}

/** Certificate, database, identity provider and Vault; they come before everything that people log in to. */
export function composeSharedServices(site: Site): SharedServices {
  const { external } = site.settings.keycloak;
  const certificate = composeCertificates(site);
  const hostClusterId = composeHostClusterId(site);
  const database = composeMariaDb(site, { hostClusterId });
  const identity =
    external === undefined
      ? composeKeycloak(site, {
          database: database.endpoint("keycloak"),
          certificate,
          clients: openHandsClients(site.settings),
        })
      : externalIdentity(external);
  return { certificate, database, identity, vault: composeVault(site, { hostClusterId, certificate }) };
}
