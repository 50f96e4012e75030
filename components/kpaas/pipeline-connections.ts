import type { Connection, Endpoint } from "../contracts";
import { jenkinsWorkload } from "./jenkins";
import { applicationWorkload } from "./kpaas-application";
import {
  jenkinsPorts,
  PIPELINE_SYSTEM,
  type PipelineProgram,
  type PipelineServer,
  pipelineFacts,
  pipelinePrograms,
} from "./pipeline-applications";
import { databaseOf } from "./pipeline-plan";
import type { PipelineSuiteArgs } from "./pipeline-suite-args";

/** What the installed programs open, by the tables of what each calls, and where a Cloud Foundry calls. */
export function pipelineConnections(args: PipelineSuiteArgs, installed: readonly PipelineProgram[]): Connection[] {
  const { broker, namespace } = args;
  const workload = (program: PipelineProgram) => applicationWorkload(program, namespace.plainName, PIPELINE_SYSTEM);
  const opened = installed.flatMap((program) => {
    const from = workload(program);
    return pipelineFacts[program].calls.flatMap((callee): Connection[] => {
      if (isProgram(callee)) {
        return [{ from, to: workload(callee), ports: [pipelineFacts[callee].port] }];
      }
      if (callee === "jenkins") {
        return [{ from, to: jenkinsWorkload(namespace.plainName), ports: [jenkinsPorts.port] }];
      }
      return endpointsOf(args, program, callee).flatMap((to) =>
        to === undefined ? [] : [{ from, to, ports: to.ports }],
      );
    });
  });
  return broker?.clients === undefined
    ? opened
    : [
        ...opened,
        {
          from: { system: "Cloud Foundry", peer: broker.clients },
          to: workload("cp-pipeline-broker"),
          ports: [pipelineFacts["cp-pipeline-broker"].port],
        },
      ];
}

function endpointsOf(
  args: PipelineSuiteArgs,
  program: PipelineProgram,
  server: Exclude<PipelineServer, "jenkins">,
): readonly (Endpoint | undefined)[] {
  switch (server) {
    case "cloudFoundry":
      return [args.broker?.cloudFoundry.server];
    case "database":
      return [databaseOf(program, args)];
    case "keycloak":
      return [args.identity.client, args.keycloakNode];
    case "registry":
      return [args.registry];
    case "sonarqube":
      return [args.inspection];
  }
}

function isProgram(callee: PipelineProgram | PipelineServer): callee is PipelineProgram {
  return (pipelinePrograms as readonly string[]).includes(callee);
}
