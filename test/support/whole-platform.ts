import type { ProfileName } from "../../components/kpaas/profiles";
import { type Manifest, renderConfiguration } from "../../stacks/render";
import type { ProgramEnvironment } from "../../stacks/render/recording-monitor";
import { environmentOf } from "./render-settings";

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const broker = { enabled: true, exposure: { type: "nodePort" } };

const releases = {
  "v1.4.1": { nodeAddress: "192.0.2.1" },
  "v1.6.0": { domain: "kpaas.example.org", nodeAddress: "192.0.2.1" },
} as const;

/** Every system with every option that makes pods of its own. */
function sectionsOf(profile: ProfileName): Sections {
  return {
    nfs: { provisioner: { enabled: true } },
    rabbitmq: {},
    sonarqube: { enabled: true, nodeKernel: "initContainer" },
    openchecker: { compassProxies: { enabled: true } },
    harbor: {
      nodePreparation: { enabled: true },
      metrics: true,
      trivy: { enabled: true },
    },
    kubekloud: { enabled: true, database: { exporter: true, tls: true } },
    kpaas: {
      enabled: true,
      profile,
      ...releases[profile],
      portal: {
        terraman: { enabled: true, sshPrivateKey: "[secret]", machines: ["192.0.2.0/24"] },
        broker,
        ...(profile === "v1.6.0" && { chaos: { enabled: true } }),
      },
    },
    pipeline: {
      enabled: true,
      broker,
      internalNodePorts: profile === "v1.4.1",
      cloudFoundry: { url: "https://api.cf.example.org", cidrs: ["192.0.2.20/32"] },
    },
    sourceControl: { enabled: true, broker },
    openhands: {
      enabled: true,
      exposure: { type: "ingress", host: "openhands.example.org", tls: { from: "selfMade" } },
    },
  };
}

/**
 * Renders all that the program can make at once, with one release of K-PaaS.
 * @param changes laid over the sections; below a section they replace whole keys
 */
export function renderWholePlatform(profile: ProfileName, changes: Sections = {}): Promise<Manifest[]> {
  return renderConfiguration(wholePlatform(profile, changes));
}

/** What a run of the program with these settings gets to see. */
export function wholePlatform(profile: ProfileName, changes: Sections = {}): ProgramEnvironment {
  const base = sectionsOf(profile);
  const names = [...new Set([...Object.keys(base), ...Object.keys(changes)])];
  return environmentOf(Object.fromEntries(names.map((name) => [name, { ...base[name], ...changes[name] }])), ["kpaas"]);
}
