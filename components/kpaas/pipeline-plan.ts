import type * as pulumi from "@pulumi/pulumi";
import type { MariaDbEndpoint } from "../contracts";
import {
  JENKINS,
  jenkinsPorts,
  type PipelineProgram,
  type PipelineServer,
  pipelineFacts,
  pipelinePrograms,
} from "./pipeline-applications";
import { type PipelineSource, pipelineSources } from "./pipeline-environment";
import type { PipelineSuiteArgs } from "./pipeline-suite-args";
import { serviceOf } from "./portal-applications";
import { keycloakBase } from "./portal-shared-values";
import type { Account } from "./source-control-suite-args";
import { type DividedEnvironment, divideEnvironment, type SourceValues, secretData } from "./suite-environment";
import { callsBehind, type SuiteContents } from "./suite-objects";

/** What the objects of the suite hold. */
export interface PipelinePlan extends SuiteContents {
  /** The installed programs with their variables, in a stable order. */
  readonly environments: ReadonlyMap<PipelineProgram, DividedEnvironment>;
}

/** The programs that these arguments ask for. */
export function installedPrograms({ broker }: Pick<PipelineSuiteArgs, "broker">): PipelineProgram[] {
  return pipelinePrograms.filter((program) => program !== "cp-pipeline-broker" || broker !== undefined);
}

/** Everything that the suite's shared objects hold. @param jenkins its administrator */
export function pipelinePlan(args: PipelineSuiteArgs, jenkins: Account): PipelinePlan {
  const environments = new Map(
    installedPrograms(args).map((program) => [
      program,
      divideEnvironment(program, args.profile.environment[program], pipelineSources, valuesFor(program, args, jenkins)),
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
export function databaseOf(program: PipelineProgram, args: PipelineSuiteArgs): MariaDbEndpoint | undefined {
  switch (program) {
    case "cp-pipeline-broker":
      return args.broker?.database;
    case "cp-pipeline-common-api":
    case "cp-pipeline-config-server":
      return args.databases[program];
    default:
      return undefined;
  }
}

type Place = Pick<PipelineSuiteArgs, "namespace" | "clusterDomain">;

function serviceUrl(application: string, port: number, { namespace, clusterDomain }: Place): string {
  return `http://${serviceOf(application)}.${namespace.plainName}.svc.${clusterDomain}:${port}`;
}

/** Address of Jenkins inside the cluster; the row of the service instance in the database says the same. */
export function jenkinsUrl(place: Place): string {
  return serviceUrl(JENKINS, jenkinsPorts.port, place);
}

/** Base address of the Inspection-Server. */
function inspectionUrl({ scheme, host, port }: PipelineSuiteArgs["inspection"]): string {
  return `${scheme}://${host}:${port}`;
}

function valuesFor(program: PipelineProgram, args: PipelineSuiteArgs, jenkins: Account): SourceValues<PipelineSource> {
  const { identity, inspection, registry, registryAdministrator, broker } = args;
  const database = databaseOf(program, args);
  const url = (each: PipelineProgram) => serviceUrl(each, pipelineFacts[each].port, args);
  const registryUrl = `${registry.scheme}://${registry.host}`;
  return {
    "api.url": url("cp-pipeline-api"),
    "cloudFoundry.url": broker?.cloudFoundry.url,
    "commonApi.url": url("cp-pipeline-common-api"),
    "configServer.url": url("cp-pipeline-config-server"),
    // The broker puts the id of the instance in place of the word in brackets.
    "dashboard.url": `${args.url}/dashboard/[SUID]/`,
    "database.address": args.databases["cp-pipeline-common-api"].address,
    "database.password": database?.password,
    "database.username": database?.username,
    "inspection.password": inspection.password,
    "inspection.username": inspection.username,
    "inspection.url": inspectionUrl(inspection),
    "inspectionApi.url": url("cp-pipeline-inspection-api"),
    "jenkins.password": jenkins.password,
    "jenkins.url": jenkinsUrl(args),
    "jenkins.username": jenkins.username,
    "keycloak.administratorPassword": identity.administrator.password,
    "keycloak.administratorUsername": identity.administrator.username,
    "keycloak.clusterAdminGroup": identity.administratorGroup,
    "keycloak.clusterAdminRole": identity.administratorRole,
    "keycloak.clientId": identity.client.clientId,
    "keycloak.clientSecret": identity.client.clientSecret,
    "keycloak.realm": identity.realm,
    "keycloak.url": identity.client.issuer.apply(keycloakBase),
    "keycloak.urlWithPath": identity.client.issuer.apply((issuer) => issuer.replace(/\/realms\/[^/]+\/?$/, "")),
    "registry.apiUrl": `${registryUrl}/api/v2.0`,
    "registry.password": registryAdministrator.password,
    "registry.url": registryUrl,
    "registry.username": registryAdministrator.username,
    "ui.publicUrl": args.url,
  };
}

/** Which server's authority each file is. */
const authorityFiles = { "keycloak.crt": "keycloak", "registry.crt": "registry" } as const satisfies Record<
  string,
  PipelineServer
>;

function authoritiesOf({ identity, registry }: PipelineSuiteArgs): SuiteContents["authorities"] {
  const keycloak = identity.client.certificateAuthority;
  return {
    ...(keycloak !== undefined && { "keycloak.crt": keycloak }),
    ...(registry.certificateAuthority !== undefined && { "registry.crt": registry.certificateAuthority }),
  };
}

/** Whether the program talks to a server behind one of these authorities. */
export function needsTrust(program: PipelineProgram, authorities: SuiteContents["authorities"]): boolean {
  return callsBehind(authorities, authorityFiles, pipelineFacts[program].calls);
}

/** What has to be there before a program can start: its login at the database, and Keycloak or SonarQube for those who ask them. */
export function requirementsOf(args: PipelineSuiteArgs, program: PipelineProgram): pulumi.Resource[] {
  const { calls } = pipelineFacts[program];
  return [
    ...(databaseOf(program, args)?.ready ?? []),
    ...((calls.includes("keycloak") && args.identity.client.ready) || []),
    ...(calls.includes("sonarqube") ? args.inspection.ready : []),
  ];
}
