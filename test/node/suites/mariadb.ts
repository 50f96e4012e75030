import { ADMINISTRATOR } from "../../../components/data/mariadb-administrator";
import type { MariaDbClient } from "../../../components/data/mariadb-client";
import { type KpaasClient, kpaasClients } from "../../../components/kpaas/database/clients";
import { kpaasStatements, kpaasTables } from "../../support/kpaas-database";
import type { ProbePod, RealPlatform } from "../real-platform";

const SERVER = "mariadb.mariadb.svc.cluster.local";

/** Where the program of each login finds its password: namespace, Secret, key. These are the programs of the stack. */
const passwords = {
  keycloak: ["keycloak", "keycloak-environment", "KC_DB_PASSWORD"],
  commonApi: ["cp-portal", "cp-portal-secret", "cp-portal-common-api.DATABASE_USER_PASSWORD"],
  metricApi: ["cp-portal", "cp-portal-secret", "cp-portal-metric-api.DATABASE_TERRAMAN_PASSWORD"],
  pipelineCommonApi: ["cp-pipeline", "cp-pipeline-secret", "cp-pipeline-common-api.DATABASE_USER_PASSWORD"],
  pipelineConfigServer: ["cp-pipeline", "cp-pipeline-secret", "cp-pipeline-config-server.DATABASE_USER_PASSWORD"],
  sourceControlApi: ["cp-source-control", "cp-source-control-secret", "cp-source-control-api.DATABASE_USER_PASSWORD"],
} as const satisfies Partial<Record<KpaasClient, readonly [string, string, string]>>;

const installed = Object.keys(passwords) as (keyof typeof passwords)[];

/** In the place of the Common-API, whose own pod is simulated. */
const client: ProbePod = {
  namespace: "cp-portal",
  name: "mariadb-client",
  labels: { app: "cp-portal-common-api" },
  image: "mariadb:10.11",
};

interface Login {
  readonly user: string;
  readonly password: string;
  readonly database?: string;
}

/** The server with its schemas, logins and rights, as programs in other pods see it. */
export function mariadbTests(current: () => RealPlatform): void {
  const rows = async (run: Promise<string>) => (await run).split("\n").filter((line) => line !== "");

  const clientWords = (sql: string, { user, password, database }: Login) => [
    ...["env", `MYSQL_PWD=${password}`, "mariadb", "--no-defaults", `--host=${SERVER}`, `--user=${user}`],
    ...["-N", "--batch", "--raw", "-e", sql, ...(database === undefined ? [] : [database])],
  ];

  /** Rows that a program in another pod gets. @throws what the client said when it is refused */
  const query = (sql: string, who: Login) =>
    rows(current().output(client.namespace, client.name, clientWords(sql, who)));

  /** Rows that the account of the server's process gets, in its pod. */
  const queryInside = (sql: string) =>
    rows(current().output("mariadb", "mariadb-0", ["mariadb", "--user=mysql", "-N", "--batch", "--raw", "-e", sql]));

  const login = async (name: keyof typeof passwords): Promise<Login> => {
    const [namespace, secret, key] = passwords[name];
    const { username: user, database } = kpaasClients[name];
    return { user, database, password: (await current().secret(namespace, secret))[key] ?? "" };
  };

  beforeAll(() => current().startProbe(client));
  afterAll(() => current().removeProbe(client));

  test("every table of every schema is there", async () => {
    const columns = await queryInside(
      "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), COUNT(*) FROM information_schema.COLUMNS " +
        "WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'keycloak') " +
        "AND TABLE_NAME <> 'platform_migration' GROUP BY 1",
    );
    expect(
      Object.fromEntries(columns.map((line) => line.split("\t")).map(([name, count]) => [name, Number(count)])),
    ).toEqual(kpaasTables);
  });

  test("only the programs of the stack and the administrator can log in from other pods", async () => {
    const users = await queryInside(
      "SELECT User FROM mysql.user WHERE Host NOT IN ('localhost', '127.0.0.1', '::1') ORDER BY User",
    );
    expect(users).toEqual([ADMINISTRATOR, ...installed.map((name) => kpaasClients[name].username)].sort());
  });

  test.each(installed)("%s logs in with the password of its Secret, and has the rights of its plan", async (name) => {
    expect((await query(ownRights, await login(name))).sort()).toEqual(plannedRights(name));
  });

  test.each(installed)("%s can do its work, and nothing else", async (name) => {
    const { allowed, denied } = kpaasStatements[name];
    const who = await login(name);
    await query(["START TRANSACTION", ...allowed, "ROLLBACK"].join(";"), who);
    for (const statement of denied) await expect(query(statement, who)).rejects.toThrow(/denied/);
  });

  test("a wrong password is refused", async () => {
    const { user } = await login("commonApi");
    await expect(query("SELECT 1", { user, password: "not-the-password" })).rejects.toThrow(/Access denied for user/);
  });

  test("root logs in at the server's socket only", async () => {
    const asRoot = (...options: string[]) =>
      current().exec("mariadb", "mariadb-0", [
        ...["sh", "-c", 'MYSQL_PWD=$(cat /run/secrets/mariadb/root) exec mariadb --user=root -N "$@"', "sh"],
        ...[...options, "-e", "SELECT CURRENT_USER()"],
      ]);
    expect(await asRoot()).toEqual({ code: 0, output: "root@localhost" });
    const denied = { code: 1, output: expect.stringContaining("Access denied for user 'root'") };
    expect(await asRoot("--host=127.0.0.1")).toEqual(denied);
    expect(await asRoot("--host=127.0.0.1", "--skip-password")).toEqual(denied);
    const password = await current().output("mariadb", "mariadb-0", ["cat", "/run/secrets/mariadb/root"]);
    await expect(query("SELECT 1", { user: "root", password })).rejects.toThrow(/Access denied for user 'root'/);
  });

  test("the portal sees who the people of Keycloak are, and nothing more of them", async () => {
    const who = await login("commonApi");
    expect(await query("SELECT username FROM keycloak.USER_ENTITY WHERE realm_id = 'cp-realm'", who)).toContain(
      "admin",
    );
    await expect(query("SELECT email FROM keycloak.USER_ENTITY", who)).rejects.toThrow(/denied/);
  });

  test("the portal's cluster is the one that has its entry in Vault", async () => {
    const { data } = await current().object<{ data: Record<string, string> }>("vault", "configmap", "vault-bootstrap");
    const { hostCluster } = JSON.parse(data["desired-state.json"] ?? "{}") as { hostCluster: { id: string } };
    expect(await query("SELECT cluster_id FROM cp_clusters", await login("commonApi"))).toEqual([hostCluster.id]);
  });

  test("what was written survives the pod", async () => {
    const who = await login("keycloak");
    const uid = async () =>
      (await current().object<{ metadata: { uid: string } }>("mariadb", "pod", "mariadb-0")).metadata.uid;
    const first = await uid();
    await query("CREATE OR REPLACE TABLE kept (id int); INSERT INTO kept VALUES (41), (42)", who);
    await current().kubectl.read("--namespace", "mariadb", "delete", "pod", "mariadb-0");
    await current().untilReady("mariadb", "pod/mariadb-0");
    expect(await uid()).not.toBe(first);
    await current().untilAnswered(() => current().exec(client.namespace, client.name, clientWords("SELECT 1", who)));
    expect(await query("SELECT id FROM kept ORDER BY id; DROP TABLE kept", who)).toEqual(["41", "42"]);
    await current().untilReady("keycloak", "statefulset/keycloak");
  });
}

/** Each right of who asks, one line: schema, table, column, right. In a right on a schema `_` is written with a backslash. */
const ownRights = [
  "SELECT REPLACE(TABLE_SCHEMA, '\\\\', ''), '', '', PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES",
  "SELECT TABLE_SCHEMA, TABLE_NAME, '', PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES",
  "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, PRIVILEGE_TYPE FROM information_schema.COLUMN_PRIVILEGES",
  "SELECT '', '', '', PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE <> 'USAGE'",
].join(" UNION ALL ");

function plannedRights(name: KpaasClient): string[] {
  const { grants } = kpaasClients[name] as MariaDbClient;
  return grants
    .flatMap(({ schema, table, columns, privileges }) =>
      (columns ?? [""]).flatMap((column) => privileges.map((each) => [schema, table ?? "", column, each].join("\t"))),
    )
    .sort();
}
