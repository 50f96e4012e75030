import type * as pulumi from "@pulumi/pulumi";
import type { MariaDbEndpoint } from "../contracts";
import { serviceOf } from "./portal-applications";
import { keycloakBase } from "./portal-shared-values";
import {
  MANAGER_PATH,
  type SourceControlApplication,
  type SourceControlProgram,
  type SourceControlServer,
  sourceControlFacts,
} from "./source-control-applications";
import { type SourceControlSource, sourceControlSources } from "./source-control-environment";
import type { SourceControlSuiteArgs } from "./source-control-suite-args";
import { type DividedEnvironment, divideEnvironment, type SourceValues, secretData } from "./suite-environment";
import { callsBehind, type SuiteContents } from "./suite-objects";

/** What the objects of the suite hold. */
export interface SourceControlPlan extends SuiteContents {
  /** The installed programs with their variables, in a stable order. */
  readonly environments: ReadonlyMap<SourceControlProgram, DividedEnvironment>;
}

/** The programs that these arguments ask for. */
export function installedPrograms({ broker }: Pick<SourceControlSuiteArgs, "broker">): SourceControlProgram[] {
  return [
    "cp-source-control-api",
    ...(broker === undefined ? [] : (["cp-source-control-broker"] as const)),
    "cp-source-control-ui",
  ];
}

/** Everything that the suite's shared objects hold, from the tables of the release and the contracts. */
export function sourceControlPlan(args: SourceControlSuiteArgs): SourceControlPlan {
  const { profile, manager } = args;
  const environments = new Map(
    installedPrograms(args).map((program) => [
      program,
      divideEnvironment(
        program,
        {
          ...profile.environment[program],
          ...(manager.administrator !== undefined && profile.managerAccount[program]),
        },
        sourceControlSources,
        valuesFor(program, args),
      ),
    ]),
  );
  const divided = [...environments];
  return {
    environments,
    shared: Object.assign({}, ...divided.map(([, { shared }]) => shared)),
    secretData: secretData(divided),
    authorities: authoritiesOf(args),
  };
}

/** Login of a program at the database. */
export function databaseOf(
  program: SourceControlProgram,
  { database, broker }: SourceControlSuiteArgs,
): MariaDbEndpoint | undefined {
  return program === "cp-source-control-broker" ? broker?.database : database;
}

/** Address of an application inside the cluster. */
export function sourceControlUrl(
  application: SourceControlApplication,
  { namespace, clusterDomain }: Pick<SourceControlSuiteArgs, "namespace" | "clusterDomain">,
): string {
  const { port } = sourceControlFacts[application];
  return `http://${serviceOf(application)}.${namespace.plainName}.svc.${clusterDomain}:${port}`;
}

function valuesFor(program: SourceControlProgram, args: SourceControlSuiteArgs): SourceValues<SourceControlSource> {
  const { identity, manager, urls, broker } = args;
  const database = databaseOf(program, args);
  return {
    "api.url": sourceControlUrl("cp-source-control-api", args),
    // The broker puts the id of the instance in place of the word in braces.
    "dashboard.url": `${urls.ui}/repositories/user/{instanceId}`,
    "database.address": database?.address,
    "database.password": database?.password,
    "database.username": database?.username,
    "keycloak.administratorPassword": broker?.keycloakAdministrator.password,
    "keycloak.administratorUsername": broker?.keycloakAdministrator.username,
    "keycloak.clientId": identity.client.clientId,
    "keycloak.clientSecret": identity.client.clientSecret,
    "keycloak.clusterAdminGroup": identity.administratorGroup,
    "keycloak.clusterAdminRole": identity.administratorRole,
    "keycloak.realm": identity.realm,
    "keycloak.url": identity.client.issuer.apply(keycloakBase),
    "manager.administratorPassword": manager.administrator?.password,
    "manager.administratorUsername": manager.administrator?.username,
    "manager.publicUrl": urls.manager,
    "manager.url": `${sourceControlUrl("cp-source-control-manager", args)}${MANAGER_PATH}`,
  };
}

/** Which server's authority each file is. */
const authorityFiles = { "keycloak.crt": "keycloak", "source-control.crt": "publicManager" } as const satisfies Record<
  string,
  SourceControlServer
>;

function authoritiesOf({ identity, certificateAuthority }: SourceControlSuiteArgs): SuiteContents["authorities"] {
  const keycloak: pulumi.Output<string> | undefined = identity.client.certificateAuthority;
  return {
    ...(keycloak !== undefined && { "keycloak.crt": keycloak }),
    ...(certificateAuthority !== undefined && { "source-control.crt": certificateAuthority }),
  };
}

/** Whether the program talks to a server behind one of these authorities. */
export function needsTrust(program: SourceControlProgram, authorities: SuiteContents["authorities"]): boolean {
  return callsBehind(authorities, authorityFiles, sourceControlFacts[program].calls);
}
