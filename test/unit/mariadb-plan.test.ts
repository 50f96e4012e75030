import { accessFiles } from "../../components/data/mariadb-access-plan";
import { loginStatements, type MariaDbClient, schemaStatements } from "../../components/data/mariadb-client";
import { serverConfiguration } from "../../components/data/mariadb-configuration";
import { awaitedTables, grantDifference } from "../../components/data/mariadb-grants";
import { identifiedBy } from "../../components/data/mariadb-password";
import { sqlAccount, sqlName, sqlText } from "../../components/data/mariadb-sql";
import { databaseClients, kpaasClientNames, kpaasClients } from "../../components/kpaas/database/clients";
import { kpaasSchemas } from "../../components/kpaas/database/schemas";

const PASSWORD = "Abcdefghijklmnopqrstuvwxyz012345";
const client: MariaDbClient = { username: "app", database: "d", plugin: "ed25519", grants: [] };
const hostCluster = { id: "host-cluster", name: "host", provider: "AWS" } as const;

// What `SELECT ed25519_password(…)` and `SELECT PASSWORD(…)` of a server say.
test.each([
  ["ed25519", "VkKvV6d0Up1paJA4LM/5EbrQgLL+p+hjXMYb8V9AN2A"],
  ["mysql_native_password", "*77D56D0B2C61F1888C2EEC69134158F203321D2F"],
] as const)("a login by %s holds what the server stores, not the password", (plugin, stored) => {
  expect(identifiedBy(plugin, PASSWORD)).toBe(`IDENTIFIED VIA ${plugin} USING '${stored}'`);
  expect(loginStatements([{ ...client, plugin, password: PASSWORD }])).not.toContain(PASSWORD);
});

test("a password of another length cannot be one for ed25519, and is not shown", () => {
  expect(() => identifiedBy("ed25519", "short")).toThrow("A password for ed25519 needs 32 bytes here.");
});

test.each(["root", "mysql", "healthcheck", "platform_admin"])("the user %s is refused", (username) => {
  expect(() => loginStatements([{ ...client, username, password: PASSWORD }])).toThrow(
    `The user "${username}" is taken`,
  );
});

test("two clients cannot have one user", () => {
  const login = { ...client, password: PASSWORD };
  expect(() => loginStatements([login, login])).toThrow('The user "app" is taken');
});

test("texts and names cannot end what they stand in", () => {
  expect(sqlText("a'b\\c")).toBe("'a''b\\\\c'");
  expect(() => sqlText("a\nb")).toThrow("control characters");
  expect(() => sqlName("a`b")).toThrow("no name");
  expect(() => sqlAccount("a'@'%")).toThrow("no user name");
  expect(() => schemaStatements(["a-b"])).toThrow("no name");
});

test("a grant in a whole schema means that schema only", () => {
  const query = grantDifference([{ ...client, grants: [{ schema: "cp_scm", privileges: ["SELECT"] }] }]);
  expect(query).toContain("GRANT SELECT ON `cp\\\\_scm`.* TO ''app''@''%'';");
});

test.each([
  ["columns", { columns: ["a"] }],
  ["a later table", { later: true }],
] as const)("a grant of %s needs a table", (_, part) => {
  expect(() => grantDifference([{ ...client, grants: [{ schema: "s", privileges: ["SELECT"], ...part }] }])).toThrow(
    "A grant in the schema s needs a table.",
  );
});

test("Keycloak's table is the only one that is waited for", () => {
  expect(awaitedTables(Object.values(kpaasClients))).toEqual(["keycloak.USER_ENTITY"]);
  expect(awaitedTables([kpaasClients.keycloak])).toEqual([]);
});

test("the Common-API reaches the broker's schema where its release does, and not otherwise", () => {
  const schemasOf = (commonApiUsesBroker: boolean) =>
    databaseClients(["commonApi"], { commonApiUsesBroker }).commonApi?.grants.map(({ schema }) => schema);
  expect(schemasOf(true)).toEqual(["cp", "keycloak", "broker"]);
  expect(schemasOf(false)).toEqual(["cp", "keycloak"]);
});

test("every client's rights lie in schemas that are made", () => {
  const made = kpaasSchemas({ hostCluster, ciServerUrl: "http://ci" }).map(({ name }) => name);
  expect(made).toEqual(["broker", "cp", "cp_scm", "delivery_pipeline", "keycloak", "pipeline_broker"]);
  for (const name of kpaasClientNames) {
    const { database, grants } = kpaasClients[name];
    expect(made).toEqual(expect.arrayContaining([database, ...grants.map(({ schema }) => schema)]));
  }
});

test("migrations run in the order of their numbers, and every statement may run twice", () => {
  const schemas = kpaasSchemas({ hostCluster, ciServerUrl: "http://ci" });
  const { migrations = "" } = accessFiles(schemas, Object.values(kpaasClients));
  expect(migrations.split("\n").filter((line) => line.startsWith("cp "))).toEqual([
    "cp 001-clusters cp.001-clusters.sql",
    "cp 002-presets cp.002-presets.sql",
    "cp 003-metrics cp.003-metrics.sql",
    "cp 004-chaos cp.004-chaos.sql",
    "cp 005-database-secrets cp.005-database-secrets.sql",
  ]);
  for (const { sql } of schemas.flatMap((schema) => schema.migrations)) {
    for (const statement of sql.replaceAll(/--.*$/gm, "").split(/;\s*\n/)) {
      expect(statement.trim()).toMatch(
        /^(|CREATE TABLE IF NOT EXISTS [\s\S]*|SET @[\s\S]*|INSERT INTO [\s\S]*ON DUPLICATE KEY UPDATE [\s\S]*)$/,
      );
    }
  }
});

test("the memory of the server follows its limit", () => {
  const configuration = serverConfiguration({ maxConnections: 300, memory: "1Gi" });
  expect(configuration).toContain("innodb_buffer_pool_size = 409M\n");
  expect(configuration).toContain("sort_buffer_size = 699K\n");
  expect(configuration).toContain("max_connections = 300\n");
});
