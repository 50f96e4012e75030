import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stableJson } from "../kubernetes/checksum";

/** The administrator of every server, with the name of the system user, who may log in inside the container. */
export const ADMINISTRATOR = "postgres";

/** Role of the metrics exporter. It sees statistics and no data. */
export const EXPORTER_ROLE = "postgres_exporter";

/** Environment variable that {@link accessScript} reads the plan from. */
export const PLAN_VARIABLE = "ACCESS_PLAN";

/** The SQL that makes roles and databases. psql 14 or later runs it as administrator. */
export const accessScript = readFileSync(join(__dirname, "scripts/access.sql"), "utf8");

export interface PlannedRole {
  readonly name: string;
  /** Secret. */
  readonly password: string;
  /** Roles whose rights it gets, such as `pg_monitor`. */
  readonly memberOf?: readonly string[];
}

export interface PlannedDatabase {
  readonly name: string;
  /** Role that may do everything in it; nobody else may connect. */
  readonly owner: string;
}

/**
 * The plan as the script reads it. Equal plans give equal text.
 * @throws Error when an owner is not planned, or a role or database has a name that belongs to PostgreSQL
 */
export function accessPlan(roles: readonly PlannedRole[], databases: readonly PlannedDatabase[]): string {
  for (const { name } of roles) {
    if (name === ADMINISTRATOR || name.startsWith("pg_")) {
      throw new Error(`The role "${name}" belongs to PostgreSQL itself; give the client another user name.`);
    }
  }
  for (const { name, owner } of databases) {
    if (["postgres", "template0", "template1"].includes(name)) {
      throw new Error(`The database "${name}" belongs to PostgreSQL itself; give the client another database.`);
    }
    if (!roles.some((role) => role.name === owner)) {
      throw new Error(`The database "${name}" is to belong to "${owner}", which is no planned role.`);
    }
  }
  return stableJson({ roles, databases });
}
