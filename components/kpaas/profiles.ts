import type { ImageName } from "../../catalog/images";
import { type PortalProfile, portalV141, portalV160 } from "./portal-environment";

/** Releases of K-PaaS whose names, ports and variables the platform can take over. */
export const profileNames = ["v1.4.1", "v1.6.0"] as const;

export type ProfileName = (typeof profileNames)[number];

/** How browsers reach the services: a port on every node, or a host name each at the ingress controller. */
export type ProfileExposure = "nodePort" | "ingress";

/** Where a product of the suite lives. */
export interface ProductPlace {
  readonly namespace: string;
  /** Name of the Service that clients use. */
  readonly serviceName: string;
  /** Port of the Service. */
  readonly servicePort: number;
  /** Port on the nodes, when the exposure is one. @default the release has none: inside the cluster only */
  readonly nodePort?: number;
}

/** Everything in which two releases differ, as data: another release is another table. */
export interface Profile {
  /** Image of the line of MariaDB that the release has. */
  readonly mariadbImage: ImageName;
  /** Image of the line of Vault that the release has. */
  readonly vaultImage: ImageName;
  /** @default of the setting `kpaas.exposure` */
  readonly exposure: ProfileExposure;
  readonly mariadb: ProductPlace;
  readonly keycloak: ProductPlace & {
    /** Service without an address of its own, by which the pods find each other. */
    readonly headlessServiceName: string;
    /** Path in front of all addresses: `/auth`, or empty. The applications of the release append it by themselves. */
    readonly relativePath: "" | "/auth";
  };
  readonly vault: ProductPlace;
  readonly chartMuseum: ProductPlace;
  /** What browsers open of the Pipeline suite. */
  readonly pipeline: ProductPlace;
  /** What browsers open of the Source Control suite. */
  readonly scm: ProductPlace;
  /**
   * The realm. Its id has to be what the portal's Common-API is told: v1.4.1 compares the realm's name with the id, so
   * both are one text there; v1.6.0 takes any id and keeps the same one, so that users survive the change of profile.
   */
  readonly realm: { readonly name: string; readonly id: string };
  /** Id of the cluster that the platform runs on, in Vault and in the database. Undefined: generated, a UUID. */
  readonly hostClusterId: string | undefined;
  readonly portal: PortalProfile;
}

const pipeline: ProductPlace = {
  namespace: "cp-pipeline",
  serviceName: "cp-pipeline-ui-service",
  servicePort: 8084,
  nodePort: 30084,
};

const scm: ProductPlace = {
  namespace: "cp-source-control",
  serviceName: "cp-source-control-ui-service",
  servicePort: 8094,
  nodePort: 30094,
};

const realm = { name: "cp-realm", id: "cp-realm" } as const;

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  "v1.4.1": {
    mariadbImage: "mariadb-10.11",
    vaultImage: "vault-1.11",
    exposure: "nodePort",
    // Upstream keeps the node port 31306 open for the database. Nobody needs it: the applications run in the cluster.
    mariadb: { namespace: "mariadb", serviceName: "cp-mariadb", servicePort: 3306 },
    keycloak: {
      namespace: "keycloak",
      serviceName: "cp-keycloak",
      servicePort: 8080,
      nodePort: 32710,
      headlessServiceName: "cp-keycloak-cluster",
      relativePath: "/auth",
    },
    vault: { namespace: "vault", serviceName: "vault", servicePort: 8200, nodePort: 31654 },
    // A part of Harbor in that release; Harbor has dropped it since.
    chartMuseum: { namespace: "chartmuseum", serviceName: "chartmuseum", servicePort: 8080 },
    pipeline,
    scm,
    realm,
    hostClusterId: "host-cluster",
    portal: portalV141,
  },
  "v1.6.0": {
    mariadbImage: "mariadb",
    vaultImage: "vault",
    exposure: "ingress",
    mariadb: { namespace: "mariadb", serviceName: "mariadb", servicePort: 3306 },
    keycloak: {
      namespace: "keycloak",
      serviceName: "keycloak",
      servicePort: 80,
      nodePort: 32710,
      headlessServiceName: "keycloak-headless",
      relativePath: "",
    },
    vault: { namespace: "vault", serviceName: "vault", servicePort: 8200, nodePort: 31654 },
    chartMuseum: { namespace: "chartmuseum", serviceName: "chartmuseum", servicePort: 8080 },
    pipeline,
    scm,
    realm,
    hostClusterId: undefined,
    portal: portalV160,
  },
};
