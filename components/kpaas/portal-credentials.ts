import type * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { PortalApplication } from "./portal-applications";
import type { EnvironmentTable, PortalProfile, SecretSource } from "./portal-environment";
import { chartLogin, NO_LOGIN } from "./portal-shared-values";
import type { PortalSuiteArgs } from "./portal-suite-args";
import { sourcesOf } from "./portal-values";

/** What the applications prove to each other who they are with, and the length of it. HS512 wants 64 bytes at least. */
const generatedLengths = {
  "broker.password": 32,
  "chaosCollector.password": 32,
  "commonApi.password": 32,
  "jwt.key": 128,
  "terraman.password": 32,
} as const satisfies Partial<Record<SecretSource, number>>;

type GeneratedSource = keyof typeof generatedLengths;

export type GeneratedCredentials = Readonly<Partial<Record<GeneratedSource, pulumi.Output<string>>>>;

/** Generates what the tables of these applications name, once for both ends. Letters and digits only, which every form takes. */
export function generateCredentials(
  name: string,
  { credentials }: PortalProfile,
  applications: readonly PortalApplication[],
  parent: pulumi.Resource,
): GeneratedCredentials {
  const named = new Set<string>(applications.flatMap((application) => sourcesOf(credentials[application] ?? {})));
  return Object.fromEntries(
    Object.entries(generatedLengths)
      .filter(([source]) => named.has(source))
      .map(([source, length]) => [
        source,
        new RandomPassword(
          `${name}-${source.replaceAll(/\.|([A-Z])/g, (_, upper?: string) => `-${upper?.toLowerCase() ?? ""}`)}`,
          { length, special: false },
          { parent },
        ).result,
      ]),
  );
}

/** Values that belong to one application: its logins at database, Vault and Keycloak. */
export function ownValues(args: PortalSuiteArgs, application: PortalApplication) {
  const database = pick(args.databases, application);
  const vault = pick(args.vaults, application);
  const { client, administrator } = args.identity;
  return {
    "charts.password": chartLogin(args.charts)?.password ?? NO_LOGIN,
    "database.password": database?.password,
    "database.username": database?.username,
    "keycloak.administratorPassword": administrator?.password,
    "keycloak.administratorUsername": administrator?.username,
    "keycloak.clientSecret": client.clientSecret,
    "vault.roleId": vault?.roleId,
    "vault.roleName": vault?.roleName,
    "vault.secretId": vault?.secretId,
  };
}

/** The entry of an application in a table that not all of them are in. */
export function pick<Value>(
  table: Readonly<Partial<Record<PortalApplication, Value>>>,
  application: PortalApplication,
): Value | undefined {
  return table[application];
}

/** All variables of an application: those of the release, and those that replace what is compiled into the image. */
export function environmentTable(
  { environment, credentials }: PortalProfile,
  application: PortalApplication,
  kind: PortalSuiteArgs["credentials"],
): EnvironmentTable {
  return { ...environment[application], ...(kind === "generated" && credentials[application]) };
}
