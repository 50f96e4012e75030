import { z } from "zod";
import { profileNames } from "../../components/kpaas/profiles";
import { kpaasPortal } from "./kpaas-portal";
import { dnsName, hostName, httpUrl, oneLine, serverAddress } from "./values";
import { wildcardCertificate } from "./wildcard-certificate";

const hostCluster = z
  .strictObject({
    name: oneLine(255).default("host-cluster").meta({ description: "Name that the portal shows.", source: "upstream" }),
    iaasType: z.enum(["AWS", "OPENSTACK", "NAVER", "NHN", "KT"]).default("AWS").meta({
      description: "What the cluster's machines belong to; the portal only shows it.",
      source: "upstream",
    }),
    apiUrl: httpUrl({ schemes: ["https"] })
      .exactOptional()
      .meta({
        description:
          "Address of the API server that the portal uses and puts into the kubeconfigs of its users; absent: that of the section cluster, and without one the address inside the cluster.",
        examples: ["https://10.0.0.10:6443"],
      }),
  })
  .prefault({})
  .meta({ description: "The cluster that the platform itself runs on, as the portal knows it." });

/** K-PaaS: the portal suite and the addresses of everything that belongs to it. */
export const kpaas = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      description: "Install the K-PaaS container platform: MariaDB, Keycloak, Vault, ChartMuseum and the portal suite.",
    }),
    profile: z.enum(profileNames).default("v1.6.0").meta({
      description: "Release of K-PaaS whose names, ports and variables are used; the images have to be of it.",
      source: "seed",
    }),
    exposure: z.enum(["ingress", "nodePort"]).exactOptional().meta({
      description:
        "How browsers reach the services: host names below the domain, or ports of the nodes by plain HTTP; absent: what the profile does (v1.4.1 nodePort, v1.6.0 ingress).",
    }),
    domain: hostName.exactOptional().meta({
      description: "Domain whose hosts lead to the ingress controller: portal.<domain>, keycloak.<domain>, …",
      examples: ["203.0.113.7.nip.io"],
    }),
    nodeAddress: serverAddress.exactOptional().meta({
      description:
        "Address of a node, for node ports; the one of the first control plane node for Terraman, which logs in there.",
    }),
    tls: wildcardCertificate.prefault({ from: "selfMade" }),
    storageClass: dnsName.exactOptional().meta({
      description: "StorageClass of the suite's volumes; absent: the cluster's default.",
      examples: ["cp-storageclass"],
    }),
    hostCluster,
    portal: kpaasPortal.prefault({}),
  })
  .meta({ description: "The K-PaaS container platform." });

/** The parsed section. */
export type KpaasSettings = z.output<typeof kpaas>;
