import { identifiedBy } from "../../components/data/mariadb-password";
import { kpaasSchemas } from "../../components/kpaas/database/schemas";
import { kpaasTables } from "../support/kpaas-database";
import {
  AccessRun,
  administrator,
  hostCluster,
  logins,
  NOTHING_DUE,
  passwordOf,
  ROOT_PASSWORD,
  schemas,
} from "../support/mariadb-access";
import { mariadbInstalled } from "../support/mariadb-server";
import { describeWith } from "../support/requirements";

/** What the Job runs, on a real MariaDB; its logins and rights are in mariadb-rights.test.ts. */
const describeIfInstalled = describeWith("mariadb-server of the operating system's packages", mariadbInstalled);

const { commonApi, pipelineCommonApi: pipeline } = logins;

describeIfInstalled("schemas and their rows", () => {
  const run = new AccessRun();
  const { server } = run;

  /** All that a run could change: tables, rows and users. */
  const everything = () =>
    server.query(
      "SELECT TABLE_SCHEMA, TABLE_NAME, CREATE_TIME FROM information_schema.TABLES WHERE ENGINE = 'InnoDB' ORDER BY 1, 2;" +
        "SELECT User, Host, JSON_REMOVE(Priv, '$.password_last_changed') FROM mysql.global_priv ORDER BY 1, 2; SELECT * FROM cp.platform_migration;" +
        "SELECT * FROM cp.cp_clusters; SELECT * FROM cp.cp_limit_ranges; SELECT * FROM delivery_pipeline.service_instances",
      administrator,
    );

  beforeAll(async () => {
    server.initialize();
    await run.start();
  });
  afterEach(() => run.reset());
  afterAll(() => run.remove());

  test("are made on an empty server", async () => {
    const { code, output } = await run.apply();
    expect(output).toMatch(/^12 migrations and \d+ changes of rights were due; all is as planned\.\n$/);
    expect(code).toBe(0);

    const columns = await server.query(
      "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), COUNT(*) FROM information_schema.COLUMNS " +
        "WHERE TABLE_SCHEMA REGEXP '^(cp|cp_scm|broker|pipeline_broker|delivery_pipeline|keycloak)$' " +
        "AND TABLE_NAME <> 'platform_migration' GROUP BY 1",
      administrator,
    );
    expect(
      Object.fromEntries(columns.map((line) => line.split("\t")).map(([name, count]) => [name, Number(count)])),
    ).toEqual(kpaasTables);
    expect(
      await server.query("SELECT cluster_id, name, cluster_type, provider_type, status FROM cp_clusters", commonApi),
    ).toEqual([`${hostCluster.id}\tit's \\host\thost\tOPENSTACK\tA`]);
    expect(
      await server.query("SELECT name, resource, default_limit FROM cp_limit_ranges ORDER BY id", commonApi),
    ).toEqual([
      "cp-low-limitrange\tcpu\t100m",
      "cp-low-limitrange\tmemory\t500Mi",
      "cp-medium-limitrange\tcpu\t300m",
      "cp-medium-limitrange\tmemory\t1500Mi",
      "cp-high-limitrange\tcpu\t900m",
      "cp-high-limitrange\tmemory\t3Gi",
    ]);
    expect(await server.query("SELECT limit_cpu, limit_memory FROM cp_resource_quotas ORDER BY id", commonApi)).toEqual(
      ["2\t2Gi", "4\t6Gi", "8\t12Gi"],
    );
    const codes = ["dashboard.manager", "dashboard.user", "execute", "read", "write"];
    expect(await server.query("SELECT code FROM authority ORDER BY code", pipeline)).toEqual(codes);
    const instance = "standalone\tadmin\thttp://jenkins.cp-pipeline:8080";
    expect(await server.query("SELECT * FROM service_instances", pipeline)).toEqual([instance]);
    expect(await server.query("SELECT @@character_set_database", logins.keycloak)).toEqual(["utf8mb4"]);
  });

  test("are left alone by a second run", async () => {
    await run.apply();
    await server.query("UPDATE cp_limit_ranges SET default_limit = '1'; DELETE FROM cp_resource_quotas", commonApi);
    const before = await everything();
    expect(await run.apply()).toEqual({ code: 0, output: NOTHING_DUE });
    expect(await everything()).toEqual(before);
  });

  test("are completed where a run stopped half way", async () => {
    const broken = schemas.map((schema) => ({
      ...schema,
      migrations: schema.migrations.map((each) =>
        each.version === "002-presets" ? { ...each, sql: `${each.sql}\nSELECT broken;\n` } : each,
      ),
    }));
    expect(await run.apply({ schemas: broken })).toEqual({
      code: 1,
      output: expect.stringContaining("Unknown column 'broken'"),
    });
    expect(await server.query("SELECT COUNT(*) FROM cp.cp_limit_ranges", administrator)).toEqual(["6"]);

    expect(await run.apply()).toMatchObject({ code: 0 });
    expect(await server.query("SELECT COUNT(*) FROM cp_limit_ranges", commonApi)).toEqual(["6"]);
    expect(await run.apply()).toEqual({ code: 0, output: NOTHING_DUE });
  });

  test("join what an installation of upstream left on the volume, and keep its rows", async () => {
    const text = (...names: string[]) => names.map((name) => `${name} varchar(255)`).join(", ");
    const id = "id bigint AUTO_INCREMENT PRIMARY KEY";
    await server.query(
      "CREATE DATABASE cp CHARACTER SET latin1; CREATE DATABASE keycloak CHARACTER SET latin1; USE cp;" +
        `CREATE TABLE cp_users (${id}, ${text("user_id")}) CHARACTER SET latin1;` +
        "INSERT INTO cp_users (user_id) VALUES ('somebody');" +
        `CREATE TABLE cp_limit_ranges (${id}, ${text("name", "type", "resource", "min", "max")},` +
        `${text("default_request", "default_limit", "created")}) CHARACTER SET latin1;` +
        "INSERT INTO cp_limit_ranges (id, default_limit) VALUES (1, '50m')",
      administrator,
    );
    expect(await run.apply()).toMatchObject({ code: 0 });
    expect(await server.query("SELECT user_id FROM cp_users", commonApi)).toEqual(["somebody"]);
    expect(await server.query("SELECT default_limit FROM cp_limit_ranges WHERE id < 3 ORDER BY id", commonApi)).toEqual(
      ["50m", "500Mi"],
    );
    expect(await server.query("SELECT @@character_set_database", logins.keycloak)).toEqual(["latin1"]);
  });

  test("follow the settings where they come from there", async () => {
    await run.apply();
    const changed = kpaasSchemas({
      hostCluster: { ...hostCluster, name: "new", provider: "NHN" },
      ciServerUrl: "http://ci",
    });
    expect(await run.apply({ schemas: changed })).toEqual({ code: 0, output: NOTHING_DUE });
    expect(await server.query("SELECT name, provider_type FROM cp_clusters", commonApi)).toEqual(["new\tNHN"]);
    expect(await server.query("SELECT ci_server_url FROM service_instances", pipeline)).toEqual(["http://ci"]);
  });

  test("refuse a volume that knows the host cluster under another id", async () => {
    await run.apply();
    const other = kpaasSchemas({ hostCluster: { ...hostCluster, id: "another" }, ciServerUrl: "http://ci" });
    expect(await run.apply({ schemas: other })).toEqual({
      code: 2,
      output: expect.stringMatching(/^cp\.cp_clusters holds another host cluster/),
    });
    expect(await server.query("SELECT cluster_id FROM cp_clusters", commonApi)).toEqual([hostCluster.id]);
  });

  test("refuse a migration that was changed after it ran", async () => {
    await run.apply();
    const changed = schemas.map((schema) => ({
      ...schema,
      migrations: schema.migrations.map((each) =>
        each.version === "003-metrics" ? { ...each, sql: `${each.sql}-- changed\n` } : each,
      ),
    }));
    expect(await run.apply({ schemas: changed })).toEqual({
      code: 2,
      output: expect.stringContaining("The migration 003-metrics of the schema cp was changed after it was applied"),
    });
  });

  test("are dumped and restored as docs/mariadb.md says", async () => {
    await run.apply();
    await server.query("INSERT INTO cp_users VALUES (NULL, 'c', 'ü', 'a', 'n', 'USER', 'r', 's', 'c', 'l')", commonApi);
    const { args, env } = server.client(administrator);
    const dump = await server.run(
      "mariadb-dump",
      [...args, "--single-transaction", "--routines", "--add-drop-database", "--databases", "broker", "cp", "keycloak"],
      env,
    );
    expect(dump.code).toBe(0);
    await server.query("DELETE FROM cp_users; DELETE FROM cp_limit_ranges", commonApi);

    const file = server.file("dump.sql", dump.output);
    expect(await server.run("mariadb", [...args, "-e", `source ${file}`], env)).toEqual({ code: 0, output: "" });
    expect(await server.query("SELECT user_id FROM cp_users", commonApi)).toEqual(["ü"]);
    expect(await run.apply()).toEqual({ code: 0, output: NOTHING_DUE });
  });

  test("are not made with a wrong password, and the error comes at once and says why", async () => {
    expect(await run.apply({ administratorPassword: "wrong", seconds: 100_000 })).toEqual({
      code: 3,
      output: expect.stringContaining("The server refuses the login of platform_admin"),
    });
  });
});

describeIfInstalled("a server of the platform", () => {
  let run: AccessRun;

  beforeEach(() => {
    run = new AccessRun();
    run.server.initialize();
  });
  afterEach(() => run.remove());

  test("is waited for when it starts late", async () => {
    await run.server.choosePort();
    const waiting = run.apply();
    await run.start();
    expect(await waiting).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^Waiting for MariaDB: ERROR 2002[\s\S]*all is as planned/),
    });
  });

  test("gives the administrator the password of its last start", async () => {
    await run.start();
    expect(await run.server.query("SELECT CURRENT_USER()", administrator)).toEqual(["platform_admin@%"]);
    await run.server.stop();
    const rotated = { ...administrator, password: passwordOf("rotated") };
    await run.start(rotated.password);
    expect(await run.server.query("SELECT 1", rotated)).toEqual(["1"]);
    await expect(run.server.query("SELECT 1", administrator)).rejects.toThrow(/Access denied/);
  });

  test("lets runbooks in as root inside the pod, with the password of its variables, on a volume of whatever origin", async () => {
    await run.start();
    // As the image does after it has prepared a volume, or taken one over.
    await run.server.query("CREATE USER healthcheck@localhost IDENTIFIED BY 'check'", administrator);
    const variables = { MARIADB_ROOT_PASSWORD: ROOT_PASSWORD, MYSQL_PWD: ROOT_PASSWORD };
    const inside = (command: string) => run.server.runInside(command, variables);
    const asRoot = 'mariadb -u root -N -e "SELECT CURRENT_USER()"';
    expect((await run.server.runInside(asRoot, {})).output).toBe("root@localhost\n"); // still the empty password
    await run.server.stop();

    await run.start();

    expect((await run.server.runInside(asRoot, {})).output).toContain("Access denied");
    expect(await inside(asRoot)).toEqual({ code: 0, output: "root@localhost\n" });
    expect(await run.apply()).toMatchObject({ code: 0 });
    await run.server.query("CREATE TABLE cp.probe AS SELECT 7 AS number", administrator);
    for (const dump of [
      "mariadb-dump -u root --databases cp > dump.sql",
      'mariadb-dump -u root -p"$MARIADB_ROOT_PASSWORD" --all-databases > dump.sql',
    ]) {
      expect(await inside(dump)).toEqual({ code: 0, output: "" });
      await run.server.query("DROP TABLE cp.probe", administrator);
      expect(await inside("mariadb -u root < dump.sql")).toEqual({ code: 0, output: "" });
      expect(await run.server.query("SELECT number FROM cp.probe", administrator)).toEqual(["7"]);
    }
    // The user of the probes has a file of its own, which wins over the variable.
    const file = run.server.file("check.cnf", "[client]\nuser=healthcheck\npassword=check\n");
    expect(await inside(`mariadb --defaults-extra-file=${file} -N -e "SELECT CURRENT_USER()"`)).toEqual({
      code: 0,
      output: "healthcheck@localhost\n",
    });
    // From elsewhere root gets in with no password at all.
    await expect(run.server.query("SELECT 1", { user: "root", password: ROOT_PASSWORD })).rejects.toThrow(
      /Access denied/,
    );
  });

  test("starts without users too, as the image does for an upgrade", async () => {
    await run.start(administrator.password, "skip-grant-tables\n");
    expect(await run.server.query("SELECT 1", { user: "anybody", password: "" })).toEqual(["1"]);
  });

  test("runs with the settings of the platform", async () => {
    await run.start();
    const settings = ["character_set_server", "max_connections", "wait_timeout", "local_infile", "sort_buffer_size"];
    expect(
      await run.server.query(`SELECT ${settings.map((name) => `@@GLOBAL.${name}`).join(", ")}`, administrator),
    ).toEqual([`utf8mb4\t50\t1200\t0\t${1051 * 1024}`]);
  });

  test("needs the plugin for ed25519, and the script says so", async () => {
    await run.server.start();
    const native = identifiedBy("mysql_native_password", administrator.password);
    await run.server.query(
      `CREATE USER platform_admin ${native}; GRANT ALL ON *.* TO platform_admin WITH GRANT OPTION`,
      { user: "root", password: "" },
    );
    expect(await run.apply()).toEqual({ code: 2, output: expect.stringContaining("INSTALL SONAME 'auth_ed25519'") });
  });
});
