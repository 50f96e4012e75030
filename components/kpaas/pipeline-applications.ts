import type { Resources } from "../kubernetes/pod";

/** System of the suite, as pictures and `npm start` show it. */
export const PIPELINE_SYSTEM = "pipeline";

/** The suite's own programs, by the name that upstream gives image, Deployment and labels. */
export const pipelinePrograms = [
  "cp-pipeline-api",
  "cp-pipeline-broker",
  "cp-pipeline-common-api",
  "cp-pipeline-config-server",
  "cp-pipeline-inspection-api",
  "cp-pipeline-ui",
] as const;

export type PipelineProgram = (typeof pipelinePrograms)[number];

/** The CI-Server: a Jenkins, which is no program of the suite's own. */
export const JENKINS = "cp-pipeline-jenkins";

/** What a program opens connections to, besides other programs. */
export type PipelineServer =
  /** API of a Cloud Foundry outside of the platform. */
  "cloudFoundry" | "database" | "jenkins" | "keycloak" | "registry" | "sonarqube";

/** What is the same in every release. */
export interface PipelineFacts {
  /** Of container and Service (upstream). */
  readonly port: number;
  /** Port on the nodes where the exposure is one (upstream, v1.4.1). */
  readonly nodePort: number;
  readonly resources: Resources;
  readonly calls: readonly (PipelineProgram | PipelineServer)[];
}

/** A JVM at rest takes 150 to 340 MiB (upstream's figures), and twice that under load. */
const resources: Resources = {
  requests: { cpu: "100m", memory: "384Mi" },
  limits: { cpu: "1", memory: "768Mi" },
};

export const pipelineFacts: Readonly<Record<PipelineProgram, PipelineFacts>> = {
  "cp-pipeline-api": {
    port: 8082,
    nodePort: 30082,
    resources,
    calls: ["cp-pipeline-common-api", "cp-pipeline-inspection-api", "jenkins", "keycloak", "registry"],
  },
  "cp-pipeline-broker": {
    port: 8083,
    nodePort: 30083,
    resources,
    calls: ["cloudFoundry", "cp-pipeline-common-api", "database", "keycloak"],
  },
  "cp-pipeline-common-api": {
    port: 8081,
    nodePort: 30081,
    resources,
    calls: ["cp-pipeline-api", "database"],
  },
  "cp-pipeline-config-server": { port: 8080, nodePort: 30088, resources, calls: ["database"] },
  "cp-pipeline-inspection-api": {
    port: 8085,
    nodePort: 30085,
    resources,
    calls: ["cp-pipeline-common-api", "sonarqube"],
  },
  "cp-pipeline-ui": {
    port: 8084,
    nodePort: 30084,
    // The largest of the suite: 337 MiB at rest.
    resources: { requests: { cpu: "100m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } },
    calls: [
      "cp-pipeline-api",
      "cp-pipeline-common-api",
      "cp-pipeline-config-server",
      "cp-pipeline-inspection-api",
      "keycloak",
    ],
  },
};

/** Port of Jenkins's container and Service, and on the nodes (upstream). */
export const jenkinsPorts = { port: 8080, nodePort: 30086 } as const;

/** Ports on the nodes that the suite takes: for people, where the exposure is one; for what is inside; for the broker. */
export function pipelineNodePorts({
  people,
  internal,
  broker,
}: {
  readonly people: boolean;
  readonly internal: boolean;
  readonly broker: boolean;
}): number[] {
  const inside = pipelinePrograms.filter((program) => program !== "cp-pipeline-ui" && program !== "cp-pipeline-broker");
  return [
    ...(people ? [pipelineFacts["cp-pipeline-ui"].nodePort] : []),
    ...(people && internal ? [jenkinsPorts.nodePort, ...inside.map((program) => pipelineFacts[program].nodePort)] : []),
    ...(broker ? [pipelineFacts["cp-pipeline-broker"].nodePort] : []),
  ];
}
