import { ADMINISTRATOR } from "./mariadb-administrator";
import { characterSet } from "./mariadb-configuration";
import { identifiedBy, type PasswordPlugin } from "./mariadb-password";
import { sqlAccount, sqlName } from "./mariadb-sql";

/** Rights as `information_schema` spells them. */
export type Privilege =
  | "SELECT"
  | "INSERT"
  | "UPDATE"
  | "DELETE"
  | "CREATE"
  | "DROP"
  | "ALTER"
  | "INDEX"
  | "REFERENCES"
  | "CREATE TEMPORARY TABLES"
  | "LOCK TABLES";

/** Rights in one schema. */
export interface MariaDbGrant {
  readonly schema: string;
  /** @default all tables, those of the future included */
  readonly table?: string;
  /** Only with `table`. @default all columns */
  readonly columns?: readonly string[];
  readonly privileges: readonly Privilege[];
  /** Another application makes the table later, so the right waits for `MariaDbTableGrants`. Only with `table`. */
  readonly later?: boolean;
}

/** What one application gets at the server. */
export interface MariaDbClient {
  readonly username: string;
  /** The schema that it opens. */
  readonly database: string;
  readonly plugin: PasswordPlugin;
  /** All that it may do; everything else is taken away. */
  readonly grants: readonly MariaDbGrant[];
}

/** Rights of a client that reads and writes rows. */
export const readWrite: readonly Privilege[] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/** Rights of a client that makes and changes its tables itself. */
export const ownTables: readonly Privilege[] = [
  ...readWrite,
  "CREATE",
  "DROP",
  "ALTER",
  "INDEX",
  "REFERENCES",
  "CREATE TEMPORARY TABLES",
  "LOCK TABLES",
];

/** Users that belong to the server, its image or the platform. */
const takenNames: readonly string[] = ["root", "mysql", "mariadb.sys", "healthcheck", "PUBLIC", ADMINISTRATOR];

/**
 * SQL that makes the logins, or puts their passwords right.
 * @param clients with the password of each, which the result does not hold
 * @throws Error for a user name that belongs to the server, or that two clients have
 */
export function loginStatements(clients: readonly (MariaDbClient & { readonly password: string })[]): string {
  const names = clients.map(({ username }) => username);
  const refused = names.find((name, index) => takenNames.includes(name) || names.indexOf(name) !== index);
  if (refused !== undefined) {
    throw new Error(`The user "${refused}" is taken; give the client another user name.`);
  }
  return clients
    .map(({ username, plugin, password }) => {
      const account = sqlAccount(username);
      const identified = identifiedBy(plugin, password);
      return `CREATE USER IF NOT EXISTS ${account} ${identified};\nALTER USER ${account} ${identified};\n`;
    })
    .join("");
}

/** SQL that makes the schemas. One that is there keeps its character set: its tables have been made with it. */
export function schemaStatements(schemas: readonly string[]): string {
  const { name: set, collation } = characterSet;
  return schemas
    .map((each) => `CREATE DATABASE IF NOT EXISTS ${sqlName(each)} CHARACTER SET ${set} COLLATE ${collation};\n`)
    .join("");
}
