import type { Connection, Endpoint } from "../contracts";
import { applicationWorkload } from "./kpaas-application";
import {
  SOURCE_CONTROL_SYSTEM,
  type SourceControlApplication,
  type SourceControlFacts,
  type SourceControlServer,
  sourceControlApplications,
  sourceControlFacts,
} from "./source-control-applications";
import { databaseOf } from "./source-control-plan";
import type { SourceControlSuiteArgs } from "./source-control-suite-args";

/** What the installed applications open, by the tables of what each calls, and where a Cloud Foundry calls. */
export function sourceControlConnections(
  args: SourceControlSuiteArgs,
  installed: readonly SourceControlApplication[],
): Connection[] {
  const { broker, namespace } = args;
  const workload = (application: SourceControlApplication) =>
    applicationWorkload(application, namespace.plainName, SOURCE_CONTROL_SYSTEM);
  const opened = installed.flatMap((application) => {
    const { calls }: SourceControlFacts = sourceControlFacts[application];
    const from = workload(application);
    return calls.flatMap((callee): Connection[] => {
      if (isApplication(callee)) {
        return [{ from, to: workload(callee), ports: [sourceControlFacts[callee].port] }];
      }
      return endpointsOf(args, application, callee).flatMap((to) =>
        to === undefined ? [] : [{ from, to, ports: to.ports }],
      );
    });
  });
  const { port } = sourceControlFacts["cp-source-control-broker"];
  return broker?.clients === undefined
    ? opened
    : [
        ...opened,
        {
          from: { system: "Cloud Foundry", peer: broker.clients },
          to: workload("cp-source-control-broker"),
          ports: [port],
        },
      ];
}

function endpointsOf(
  args: SourceControlSuiteArgs,
  application: SourceControlApplication,
  server: SourceControlServer,
): readonly (Endpoint | undefined)[] {
  switch (server) {
    case "database":
      return application === "cp-source-control-manager" ? [] : [databaseOf(application, args)];
    case "keycloak":
      return [args.identity.client, args.keycloakNode];
    case "publicManager":
      return [args.managerReachedThrough];
  }
}

function isApplication(callee: SourceControlApplication | SourceControlServer): callee is SourceControlApplication {
  return (sourceControlApplications as readonly string[]).includes(callee);
}
