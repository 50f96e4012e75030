import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { PrivateKey } from "@pulumi/tls";

/** Name of the registry's only user, as which core and the job service log in. */
export const REGISTRY_USER = "harbor_registry_user";

/** Harbor's administrator. */
export const ADMINISTRATOR = "admin";

/** Everything that Harbor's parts share and nobody else may know; all of it lives encrypted in the state. */
export interface HarborSecrets {
  /** AES key for the credentials in the database, 16 characters. With another one they can never be read again. */
  readonly secretKey: pulumi.Output<string>;
  /** With it core proves to the others who it is, 16 characters. */
  readonly coreSecret: pulumi.Output<string>;
  /** The same for the job service, 16 characters. */
  readonly jobserviceSecret: pulumi.Output<string>;
  /** Signs the state of uploads, 16 characters. */
  readonly registryHttpSecret: pulumi.Output<string>;
  /** Exactly 32 characters; with another length no form of the portal can be sent. */
  readonly csrfKey: pulumi.Output<string>;
  /** Password of {@link REGISTRY_USER}. */
  readonly registryPassword: pulumi.Output<string>;
  /** The line of the registry's password file: the same password as a bcrypt hash, whose salt stays the same. */
  readonly registryHtpasswd: pulumi.Output<string>;
  /** Password of {@link ADMINISTRATOR}. Harbor takes it at its first start; later changes only tell what people set there. */
  readonly administratorPassword: pulumi.Output<string>;
  /** RSA key that signs registry tokens, PEM in the form PKCS#1: core refuses PKCS#8 when it mints a token. */
  readonly tokenKey: pulumi.Output<string>;
  /** Makes the checksums of short secrets unguessable. */
  readonly checksumSalt: pulumi.Output<string>;
}

/** Letters and digits only: nothing has to be escaped in URLs, connection strings and SQL. */
const plain = (length: number) => ({ length, special: false });

/** At least one of each kind, as Harbor demands of every password. */
export const harborPassword = { ...plain(32), minLower: 1, minUpper: 1, minNumeric: 1 };

export interface HarborSecretsArgs {
  /** Refuse to delete or replace the key that would make data unreadable. */
  readonly protect: boolean;
  /** @default generated */
  readonly administratorPassword?: pulumi.Input<string> | undefined;
}

/** Generates them once for ever, but for what is given. */
export function harborSecrets(name: string, parent: pulumi.Resource, args: HarborSecretsArgs): HarborSecrets {
  const { protect } = args;
  const generated = (role: string, length: number, options: pulumi.CustomResourceOptions = {}) =>
    new RandomPassword(`${name}-${role}`, plain(length), { parent, ...options }).result;
  const registryPassword = new RandomPassword(`${name}-registry-password`, plain(32), { parent });
  return {
    secretKey: generated("secret-key", 16, { protect }),
    coreSecret: generated("core-secret", 16),
    jobserviceSecret: generated("jobservice-secret", 16),
    registryHttpSecret: generated("registry-http-secret", 16),
    csrfKey: generated("csrf-key", 32),
    registryPassword: registryPassword.result,
    registryHtpasswd: pulumi.interpolate`${REGISTRY_USER}:${registryPassword.bcryptHash}`,
    administratorPassword: pulumi.secret(
      args.administratorPassword ??
        new RandomPassword(`${name}-administrator-password`, harborPassword, { parent }).result,
    ),
    tokenKey: new PrivateKey(`${name}-token-key`, { algorithm: "RSA", rsaBits: 4096 }, { parent }).privateKeyPem,
    checksumSalt: generated("checksum-salt", 32),
  };
}

/** Password of the internal database. It is used when an empty volume is initialised, and can never be changed here. */
export function databasePassword(name: string, parent: pulumi.Resource, protect: boolean): pulumi.Output<string> {
  return new RandomPassword(`${name}-database-password`, plain(32), { parent, protect }).result;
}
