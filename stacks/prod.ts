import type { Preset } from "./settings/schema";

/** The real thing: data guarded, a broker that survives the loss of a node, the public host name. */
export const prod: Preset = {
  lifecycle: { protectData: true, retainData: true },
  rabbitmq: { replicas: 3 },
  sonarqube: {
    exposure: {
      type: "ingress",
      host: "sonarqube.mlops.pub",
      tls: { from: "issuer", issuer: "letsencrypt-dns01", secretName: "sonarqube-mlops-pub-tls" },
    },
  },
  openchecker: {
    exposure: {
      type: "ingress",
      host: "openchecker.mlops.pub",
      tls: { from: "issuer", issuer: "letsencrypt-dns01", secretName: "openchecker-mlops-pub-tls" },
    },
  },
  harbor: {
    exposure: { type: "loadBalancer", tls: { from: "selfMade" } },
    oidc: { enabled: true },
    projects: { kubekloud: {} },
  },
  openhands: {
    enabled: true,
    exposure: {
      type: "ingress",
      host: "openhands.mlops.pub",
      tls: { from: "issuer", issuer: "letsencrypt-dns01", secretName: "openhands-mlops-pub-tls" },
    },
  },
  pipeline: { enabled: true },
  sourceControl: { enabled: true },
  kpaas: { enabled: true, domain: "kpaas.mlops.pub" },
  vault: { replicas: 3 },
};
