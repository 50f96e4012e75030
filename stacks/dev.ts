import type { Preset } from "./settings/schema";

/** A place to try things out: small, unguarded, with certificates of its own. */
export const dev: Preset = {
  cluster: {
    capabilities: { certManager: false },
  },
  rabbitmq: {
    resources: {
      requests: { cpu: "250m", memory: "512Mi" },
      limits: { cpu: "250m", memory: "512Mi" },
    },
  },
  sonarqube: {
    exposure: { type: "ingress", host: "sonarqube.platform.localhost", tls: { from: "selfMade" } },
  },
  openchecker: {
    exposure: { type: "ingress", host: "openchecker.platform.localhost", tls: { from: "selfMade" } },
  },
  harbor: {
    exposure: { type: "nodePort" },
    oidc: { enabled: true },
    projects: { kubekloud: {} },
  },
  openhands: {
    enabled: true,
    exposure: { type: "ingress", host: "openhands.platform.localhost", tls: { from: "selfMade" } },
  },
  pipeline: { enabled: true },
  sourceControl: { enabled: true },
  kpaas: { enabled: true, domain: "kpaas.platform.localhost" },
};
