import type { Resources } from "../kubernetes/pod";

/** System of the suite, as pictures and `npm start` show it. */
export const SOURCE_CONTROL_SYSTEM = "source-control";

/** Applications of the Source Control suite, by the name that upstream gives image, Deployment and labels. */
export const sourceControlApplications = [
  "cp-source-control-api",
  "cp-source-control-broker",
  "cp-source-control-manager",
  "cp-source-control-ui",
] as const;

export type SourceControlApplication = (typeof sourceControlApplications)[number];

/** The suite's own programs: all but SCM-Manager. */
export type SourceControlProgram = Exclude<SourceControlApplication, "cp-source-control-manager">;

/** What an application opens connections to, besides other applications. */
export type SourceControlServer =
  | "database"
  | "keycloak"
  /** The address under which people clone repositories. */
  | "publicManager";

/** What is the same in every release. */
export interface SourceControlFacts {
  /** Of container and Service (upstream). */
  readonly port: number;
  /** Port on the nodes where the exposure is one (upstream). @default none is ever opened */
  readonly nodePort?: number;
  readonly resources: Resources;
  readonly calls: readonly (SourceControlApplication | SourceControlServer)[];
}

/** A JVM at rest takes 150 to 340 MiB (upstream's figures for its sister applications), and twice that under load. */
const resources: Resources = {
  requests: { cpu: "100m", memory: "384Mi" },
  limits: { cpu: "1", memory: "768Mi" },
};

export const sourceControlFacts = {
  "cp-source-control-api": {
    // Upstream opens 30091. The API asks nobody for a login and acts as SCM-Manager's administrator.
    port: 8091,
    resources,
    calls: ["cp-source-control-manager", "database", "publicManager"],
  },
  "cp-source-control-broker": {
    port: 8093,
    nodePort: 30093,
    resources,
    calls: ["cp-source-control-api", "cp-source-control-manager", "database", "keycloak"],
  },
  "cp-source-control-manager": {
    port: 8080,
    nodePort: 30092,
    // It holds whole files of repositories in memory while it sends or compares them.
    resources: { requests: { cpu: "100m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } },
    // The hooks that the UI sets at repositories tell the API of every push.
    calls: ["cp-source-control-api"],
  },
  "cp-source-control-ui": {
    port: 8094,
    nodePort: 30094,
    resources,
    calls: ["cp-source-control-api", "keycloak"],
  },
} as const satisfies Readonly<Record<SourceControlApplication, SourceControlFacts>>;

/** Path of SCM-Manager at its host, and of everything in it (upstream). */
export const MANAGER_PATH = "/scm";

/** Ports on the nodes that the suite takes: for people, where the exposure is one, and for the broker, where its is. */
export function sourceControlNodePorts({
  people,
  broker,
}: {
  readonly people: boolean;
  readonly broker: boolean;
}): number[] {
  return [
    ...(people
      ? [sourceControlFacts["cp-source-control-manager"].nodePort, sourceControlFacts["cp-source-control-ui"].nodePort]
      : []),
    ...(broker ? [sourceControlFacts["cp-source-control-broker"].nodePort] : []),
  ];
}
