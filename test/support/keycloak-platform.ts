import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loginStatements, type MariaDbClient, ownTables, schemaStatements } from "../../components/data/mariadb-client";
import { grantDifference } from "../../components/data/mariadb-grants";
import { realmScripts } from "../../components/identity/keycloak-realm";
import { type RealmClient, type RealmFacts, realmDocument } from "../../components/identity/keycloak-realm-document";
import type { KeycloakVersion } from "../../sandbox/servers/java-servers";
import { realmFacts } from "./example-realm";
import { administrator, KeycloakServer, keycloakArchive } from "./keycloak-server";
import { MariaDbServer, mariadbInstalled } from "./mariadb-server";

/** Why there cannot be a Keycloak on a MariaDB here; nothing: there can. */
export function missingForKeycloak(versions: readonly KeycloakVersion[]): string[] {
  const archives = versions.map(keycloakArchive).flatMap((each) => ("reason" in each ? [each.reason] : []));
  return mariadbInstalled ? archives : ["mariadb-server of the operating system's packages", ...archives];
}

/** Password of the first user until the first login. */
export const FIRST_PASSWORD = "first-password-of-the-user";

const root = { user: "root", password: "" };

/** What the platform gives Keycloak at its MariaDB. */
const databaseClient: MariaDbClient = {
  username: "keycloak",
  database: "keycloak",
  plugin: "ed25519",
  grants: [{ schema: "keycloak", privileges: ownTables }],
};

/** As long as the plugin wants it. */
const DATABASE_PASSWORD = "password-of-keycloak-in-mariadb-";

/** A client with its secret. */
export type SecretClient = RealmClient & { readonly secret: string };

export interface RealmOrder {
  readonly clients: readonly SecretClient[];
  /** @default {@link realmFacts} */
  readonly realm?: RealmFacts;
  /** Of the administrator. @default the right one */
  readonly password?: string;
  /** Base address of Keycloak. @default that of the one that runs */
  readonly url?: string;
  /** @default 500, longer than any start takes */
  readonly waitSeconds?: number;
}

/** Keycloak as the platform runs it: on a MariaDB where it may do only what the platform lets it do. */
export class PlatformKeycloak {
  private readonly folder = mkdtempSync(join(tmpdir(), "platform-realm-"));
  private readonly database = new MariaDbServer();
  private current: KeycloakServer | undefined;

  /** Starts the database. */
  async prepare(): Promise<void> {
    this.database.initialize();
    await this.database.start();
    const login = loginStatements([{ ...databaseClient, password: DATABASE_PASSWORD }]);
    await this.query(`INSTALL SONAME 'auth_ed25519'; ${schemaStatements(["keycloak"])} ${login}`);
    await this.query((await this.query(grantDifference([databaseClient]))).join("\n"));
  }

  /** The server that runs. */
  get server(): KeycloakServer {
    if (this.current === undefined) {
      throw new Error("No Keycloak has been started.");
    }
    return this.current;
  }

  /** Starts a version on what the one before has left in the database, without waiting for it. */
  async begin(version: KeycloakVersion, relativePath: "" | "/auth"): Promise<void> {
    await this.current?.remove();
    const archive = keycloakArchive(version);
    if ("reason" in archive) {
      throw new Error(archive.reason);
    }
    const { username, database } = databaseClient;
    const login = { host: "127.0.0.1", port: this.database.port, database, username, password: DATABASE_PASSWORD };
    this.current = new KeycloakServer(archive.folder, login, relativePath);
    await this.current.choosePorts();
    this.current.start();
  }

  /** Rows of a query, as the administrator of the database. */
  query(sql: string): Promise<string[]> {
    return this.database.query(sql, root);
  }

  /** Runs the script as the Job does. @throws when it prints a secret */
  async run(order: RealmOrder): Promise<{ readonly code: number | null; readonly output: string }> {
    const { realm = realmFacts, clients, password = administrator.password } = order;
    const files = { ...realmScripts, "realm.json": realmDocument(realm, clients, FIRST_PASSWORD) };
    for (const [name, content] of Object.entries({ ...files, username: administrator.username, password })) {
      writeFileSync(join(this.folder, name), content);
    }
    const child = spawn("python3", ["-B", join(this.folder, "keycloak_realm.py")], {
      env: {
        PATH: process.env["PATH"],
        KEYCLOAK_URL: order.url ?? this.server.url,
        REALM_FILE: join(this.folder, "realm.json"),
        ADMINISTRATOR_FILES: this.folder,
        HTTP_PROXY: "http://127.0.0.1:1", // must not be used for a Service of the cluster
        RETRY_PAUSE_SECONDS: "0.2",
        WAIT_SECONDS: String(order.waitSeconds ?? 500),
      },
    });
    const printed: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => printed.push(text));
    }
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    const output = printed.join("");
    if ([password, FIRST_PASSWORD, ...clients.map(({ secret }) => secret)].some((each) => output.includes(each))) {
      throw new Error("The script printed a secret.");
    }
    return { code, output };
  }

  async remove(): Promise<void> {
    await this.current?.remove();
    await this.database.remove();
    rmSync(this.folder, { recursive: true });
  }
}
