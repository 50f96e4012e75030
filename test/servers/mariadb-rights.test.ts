import type { MariaDbClient } from "../../components/data/mariadb-client";
import { type KpaasClient, kpaasClients } from "../../components/kpaas/database/clients";
import { kpaasStatements } from "../support/kpaas-database";
import { AccessRun, administrator, logins, NOTHING_DUE, passwordOf, schemas } from "../support/mariadb-access";
import { mariadbInstalled } from "../support/mariadb-server";
import { describeWith } from "../support/requirements";

/** Who may do what after the Job ran, on a real MariaDB. */
const describeIfInstalled = describeWith("mariadb-server of the operating system's packages", mariadbInstalled);

const { commonApi, keycloak, metricApi, terraman } = logins;

describeIfInstalled("logins", () => {
  const run = new AccessRun();
  const { server } = run;

  beforeAll(async () => {
    server.initialize();
    await run.start();
  });
  afterEach(() => run.reset());
  afterAll(() => run.remove());

  test("do what their applications need, and nothing else", async () => {
    await server.query("CREATE DATABASE cpxscm; CREATE TABLE cpxscm.t (id int)", administrator);
    await run.apply();
    for (const [client, { allowed, denied }] of Object.entries(kpaasStatements) as [
      KpaasClient,
      (typeof kpaasStatements)[KpaasClient],
    ][]) {
      await server.query(allowed.join(";"), logins[client]);
      for (const statement of denied) {
        await expect(server.query(statement, logins[client])).rejects.toThrow(/denied/);
      }
    }
  });

  test("use the plugins that their drivers know", async () => {
    await run.apply();
    expect(
      await server.query("SELECT User, plugin FROM mysql.user WHERE Host = '%' AND plugin <> 'ed25519'", administrator),
    ).toEqual(["cp-portal-metric-api\tmysql_native_password"]);
  });

  test("wait for a table of another application, and then see three columns of it", async () => {
    await run.apply();
    await expect(server.query("SELECT ID FROM keycloak.USER_ENTITY", commonApi)).rejects.toThrow(/denied/);
    const waiting = run.apply({ awaitTables: true });
    await server.query("CREATE TABLE USER_ENTITY (ID int, REALM_ID int, USERNAME int, EMAIL int)", keycloak);
    expect(await waiting).toMatchObject({ code: 0, output: expect.stringContaining("0 migrations and 3 changes") });

    expect(await server.query("SELECT id, realm_id, username FROM keycloak.USER_ENTITY", commonApi)).toEqual([]);
    await expect(server.query("SELECT EMAIL FROM keycloak.USER_ENTITY", commonApi)).rejects.toThrow(/denied/);
    await expect(server.query("DELETE FROM keycloak.USER_ENTITY", commonApi)).rejects.toThrow(/denied/);
    // Neither of the two runs takes away what the other one gave.
    expect(await run.apply()).toEqual({ code: 0, output: NOTHING_DUE });
  });

  test("give up on a table that does not come", async () => {
    const ran = await run.apply({ awaitTables: true, seconds: 1 });
    expect(ran).toMatchObject({
      code: 1,
      output: expect.stringContaining(
        "Gave up waiting. Last answer: the table keycloak.USER_ENTITY does not exist yet",
      ),
    });
  });

  test("lose what is too much: rights of an older plan, or what somebody gave them by hand", async () => {
    await run.apply();
    await server.query(
      "GRANT ALL ON *.* TO 'cp-portal-terraman'@'%' WITH GRANT OPTION; GRANT DROP ON cp.* TO 'cp-portal-metric-api'@'%'",
      administrator,
    );
    await server.query("SELECT * FROM cp_users", terraman);
    expect(await run.apply()).toMatchObject({ code: 0 });
    await expect(server.query("SELECT * FROM cp_users", terraman)).rejects.toThrow(/denied/);
    await expect(server.query("DROP TABLE cp_metric_node_status", metricApi)).rejects.toThrow(/denied/);
    await server.query("DELETE FROM cp_cluster_log", terraman);
    expect(await run.apply()).toEqual({ code: 0, output: NOTHING_DUE });
  });

  test("get the rights of a new plan, with the tables of a new migration", async () => {
    await run.apply();
    const added = schemas.map((schema) =>
      schema.name === "cp"
        ? { ...schema, migrations: [...schema.migrations, { version: "900-more", sql: "CREATE TABLE more (id int);" }] }
        : schema,
    );
    const changed: MariaDbClient = {
      ...kpaasClients.terraman,
      grants: [{ schema: "cp", table: "more", privileges: ["SELECT"] }],
    };
    expect(await run.apply({ schemas: added, clients: [changed] })).toMatchObject({
      code: 0,
      output: expect.stringContaining("1 migrations and 2 changes"),
    });
    expect(await server.query("SELECT * FROM more", terraman)).toEqual([]);
    await expect(server.query("SELECT * FROM cp_clusters", terraman)).rejects.toThrow(/denied/);
    expect(await server.query("SELECT COUNT(*) FROM cp_clusters", commonApi)).toEqual(["1"]); // no longer planned, and left alone
  });

  test("get a new password, and the old one ends", async () => {
    await run.apply();
    const another = passwordOf("another");
    const passwords = { [commonApi.user]: another, [metricApi.user]: another };
    expect(await run.apply({ passwords })).toEqual({ code: 0, output: NOTHING_DUE });
    for (const login of [commonApi, metricApi]) {
      expect(await server.query("SELECT 1", { ...login, password: another })).toEqual(["1"]);
      await expect(server.query("SELECT 1", login)).rejects.toThrow(/Access denied/);
    }
  });

  test("leave no password in the output, nor in the log of a server that writes down every query", async () => {
    const { output } = await run.apply();
    const queries = server.queries();
    expect(queries).toContain("CREATE USER IF NOT EXISTS 'cp-portal-common-api'@'%'");
    for (const { password } of [administrator, ...Object.values(logins)]) {
      expect(output + queries).not.toContain(password);
    }
  });
});
