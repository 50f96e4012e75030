import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessFiles, SCRIPT_FILE } from "../../components/data/mariadb-access-plan";
import { ADMINISTRATOR, administratorScript } from "../../components/data/mariadb-administrator";
import { loginStatements, type MariaDbClient } from "../../components/data/mariadb-client";
import { ADMINISTRATOR_FILE, serverConfiguration } from "../../components/data/mariadb-configuration";
import { awaitedTables } from "../../components/data/mariadb-grants";
import type { MariaDbSchema } from "../../components/data/mariadb-schema";
import { type KpaasClient, kpaasClients } from "../../components/kpaas/database/clients";
import { kpaasSchemas } from "../../components/kpaas/database/schemas";
import { type Login, MariaDbServer, type Ran } from "./mariadb-server";

/** A password as the platform generates them, for one owner. */
export const passwordOf = (owner: string) => owner.padEnd(32, "0").slice(0, 32);

export const administrator: Login = { user: ADMINISTRATOR, password: passwordOf("Administrator") };

/** How the applications of K-PaaS log in. */
export const logins = Object.fromEntries(
  Object.entries(kpaasClients).map(([name, { username, database }]) => [
    name,
    { user: username, password: passwordOf(username), database },
  ]),
) as Record<KpaasClient, Login>;

/** With every character that means something in SQL. */
export const hostCluster = {
  id: "6f1f3c5e-0000-4000-8000-000000000001",
  name: "it's \\host",
  provider: "OPENSTACK",
} as const;

export const schemas = kpaasSchemas({ hostCluster, ciServerUrl: "http://jenkins.cp-pipeline:8080" });
const clients: readonly MariaDbClient[] = Object.values(kpaasClients);

/** What the script says when it found everything as planned. */
export const NOTHING_DUE = "0 migrations and 0 changes of rights were due; all is as planned.\n";

/** Password of `root` at the test servers, as the pod's client programs send it. */
export const ROOT_PASSWORD = passwordOf("root");

/** What a run of the script differs in from the usual one. */
export interface Run {
  readonly schemas?: readonly MariaDbSchema[];
  readonly clients?: readonly MariaDbClient[];
  /** By user name, for those that have another one. */
  readonly passwords?: Readonly<Record<string, string>>;
  readonly administratorPassword?: string;
  /** Wait for the tables of other applications. */
  readonly awaitTables?: boolean;
  readonly seconds?: number;
}

/** A real server, and the Job's script with its files. */
export class AccessRun {
  readonly server = new MariaDbServer();
  private readonly folder = mkdtempSync(join(tmpdir(), "platform-mariadb-access-"));

  /** Starts the server with the options of the platform's own ones, so that it makes its administrator itself. */
  async start(secret = administrator.password, options = ""): Promise<void> {
    const script = this.server.file("administrator.sql", administratorScript(secret, ROOT_PASSWORD));
    const configuration = serverConfiguration({ maxConnections: 50, memory: "256Mi" });
    await this.server.start(configuration.replace(ADMINISTRATOR_FILE, script) + options);
  }

  /** Runs the script as the Job does. */
  apply(run: Run = {}): Promise<Ran> {
    const planned = run.clients ?? clients;
    const files = {
      ...accessFiles(run.schemas ?? schemas, planned),
      administrator: run.administratorPassword ?? administrator.password,
      "logins.sql": loginStatements(
        planned.map((each) => ({ ...each, password: run.passwords?.[each.username] ?? passwordOf(each.username) })),
      ),
      "ca.crt": "",
    };
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(this.folder, name), content);
    }
    return this.server.run("sh", [join(this.folder, SCRIPT_FILE)], {
      DATABASE_HOST: "127.0.0.1",
      DATABASE_PORT: String(this.server.port),
      DATABASE_USER: administrator.user,
      FILES_DIRECTORY: this.folder,
      CREDENTIALS_DIRECTORY: this.folder,
      WAIT_SECONDS: String(run.seconds ?? 60),
      ...(run.awaitTables === true && { AWAITED_TABLES: awaitedTables(planned).join(" ") }),
    });
  }

  /** Makes the server empty again. */
  async reset(): Promise<void> {
    const drops = await this.server.query(
      "SELECT CONCAT('DROP DATABASE `', SCHEMA_NAME, '`;') FROM information_schema.SCHEMATA" +
        " WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema');" +
        `SELECT CONCAT("DROP USER '", User, "'@'", Host, "';") FROM mysql.user WHERE Host = '%' AND User <> '${administrator.user}'`,
      administrator,
    );
    await this.server.query(drops.join(""), administrator);
  }

  async remove(): Promise<void> {
    await this.server.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
