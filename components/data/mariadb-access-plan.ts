import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type MariaDbClient, schemaStatements } from "./mariadb-client";
import { grantDifference } from "./mariadb-grants";
import type { MariaDbSchema } from "./mariadb-schema";
import { sqlName } from "./mariadb-sql";

/** The script, as the name of a file; its head says what it reads. */
export const SCRIPT_FILE = "mariadb-access.sh";

const script = readFileSync(join(__dirname, "scripts", SCRIPT_FILE), "utf8");

/**
 * The script and the files that it reads besides secrets, by name. Equal arguments give equal files.
 * @throws Error for names that do not fit, and for grants that cannot be
 */
export function accessFiles(
  schemas: readonly MariaDbSchema[],
  clients: readonly MariaDbClient[],
): Readonly<Record<string, string>> {
  const migrations = schemas.flatMap(({ name, migrations: each }) =>
    each.map(({ version, sql }) => ({ name, version, file: `${name}.${version}.sql`, sql })),
  );
  const seeds = schemas.flatMap(({ name, seed }) => (seed === undefined ? [] : [`USE ${sqlName(name)};\n${seed}`]));
  return {
    [SCRIPT_FILE]: script,
    "schemas.sql": schemaStatements(schemas.map(({ name }) => name)),
    migrations: migrations.map(({ name, version, file }) => `${name} ${version} ${file}\n`).join(""),
    ...Object.fromEntries(migrations.map(({ file, sql }) => [file, sql])),
    "seeds.sql": seeds.join(""),
    "grants.sql": grantDifference(clients),
  };
}
