import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { accessPlan, PLAN_VARIABLE } from "../../components/data/postgres-access";
import { serverArguments } from "../../components/data/postgres-configuration";
import { loginFiles, loginRules } from "../../components/data/postgres-logins";
import { postgresUrl } from "../../components/data/postgres-url";
import { waitScript } from "../../components/data/postgres-wait";
import { PostgresServer, postgresInstalled, type Ran, serverUser } from "../support/postgres-server";
import { describeWith, testWith } from "../support/requirements";

/** What the Jobs run, on a real PostgreSQL. */
const describeIfInstalled = describeWith("postgresql of the operating system's packages", postgresInstalled);

/** With the module of Debian's package `python3-psycopg2`, which belongs to the system's own Python. */
const python = ["python3", "/usr/bin/python3"].find((each) => spawnSync(each, ["-c", "import psycopg2"]).status === 0);

const SCRIPT = join(__dirname, "../../components/data/scripts/access.sql");
/** Every character that means something in a URL, in SQL, in a shell or in psql, and some of other scripts. */
const PASSWORD = `p@ss:w/o?r#d%41&+ '"\\;$x:'y'--ü한*()!~`;

const api = { name: "kubekloud_user", password: PASSWORD };
const exporter = { name: "postgres_exporter", password: "exporters-password", memberOf: ["pg_monitor"] };
const plan = accessPlan([api, exporter], [{ name: "kubekloud", owner: api.name }]);
const asApi = { PGUSER: api.name, PGPASSWORD: PASSWORD, PGDATABASE: "kubekloud" };

describeIfInstalled("roles and databases", () => {
  let server: PostgresServer;

  const apply = (text = plan, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    server.run("psql", ["--no-psqlrc", "--no-password", "--quiet", `--file=${SCRIPT}`], {
      [PLAN_VARIABLE]: text,
      ...env,
    });

  beforeEach(async () => {
    server = new PostgresServer();
    server.initialize();
    await server.start(["-c", "log_statement=all"]);
  });
  afterEach(() => server.remove());

  test("are made on an empty server, with no more rights than needed", async () => {
    expect(await apply()).toEqual({ code: 0, output: "2 roles and 1 databases are as planned.\n" });

    await server.query("CREATE TYPE state AS ENUM ('on'); CREATE TABLE users (id int)", asApi);
    expect(
      await server.query(
        "SELECT rolname, rolcanlogin, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls " +
          "FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1",
      ),
    ).toEqual(["kubekloud_user|t|f", "postgres|t|t", "postgres_exporter|t|f"]);
    const asExporter = { PGUSER: exporter.name, PGPASSWORD: exporter.password };
    expect(await server.query("SELECT pg_has_role('pg_monitor', 'USAGE')", asExporter)).toEqual(["t"]);
    await expect(server.query("SELECT 1", { ...asExporter, PGDATABASE: "kubekloud" })).rejects.toThrow(
      /permission denied for database/,
    );
    await expect(server.query("COPY (SELECT 1) TO PROGRAM 'true'", asApi)).rejects.toThrow(/pg_execute_server_program/);
  });

  test("a dump is restored as docs/postgres.md says, and the tables stay the API's own", async () => {
    await apply();
    await server.query("CREATE TYPE state AS ENUM ('on'); CREATE TABLE users (id serial, now state)", asApi);
    await server.query("INSERT INTO users (now) VALUES ('on')", asApi);
    const dump = server.file("kubekloud.dump", "");
    const dumped = await server.run("pg_dump", ["--format=custom", `--file=${dump}`, "kubekloud"]);
    expect(dumped).toEqual({ code: 0, output: "" });
    await server.query("DELETE FROM users; CREATE TABLE left_behind (id int)", asApi);

    const options = ["--clean", "--if-exists", "--no-owner", "--exit-on-error"];
    const restored = await server.run("pg_restore", ["--dbname=kubekloud", ...options, dump], asApi);

    expect(restored).toEqual({ code: 0, output: "" });
    expect(await server.query("INSERT INTO users (now) VALUES ('on') RETURNING id", asApi)).toEqual(["2"]);
    expect(await server.query("SELECT DISTINCT tableowner FROM pg_tables WHERE tablename = 'users'", asApi)).toEqual([
      "kubekloud_user",
    ]);
    expect(await apply()).toMatchObject({ code: 0 });
  });

  test("leave no password in the log, even of a server that logs every statement", async () => {
    await apply();
    await server.stop();
    expect(server.log).toContain("SET log_statement = 'none'"); // the first and last of the script's statements that it logs
    expect(server.log).not.toContain(exporter.password);
    expect(server.log).not.toContain("p@ss:w");
  });

  test("are left alone by a second run", async () => {
    await apply();
    await server.query("CREATE TABLE users AS SELECT 1 AS id", asApi);
    expect((await apply()).code).toBe(0);
    expect(await server.query("SELECT id FROM users", asApi)).toEqual(["1"]);
  });

  test("are completed where a run stopped half way, or somebody changed them", async () => {
    await server.query("CREATE ROLE kubekloud_user SUPERUSER");
    await server.query("CREATE DATABASE kubekloud");
    expect((await apply()).code).toBe(0);
    expect(
      await server.query(
        "SELECT usesuper, pg_get_userbyid(datdba) FROM pg_user, pg_database WHERE usename = current_user AND datname = current_database()",
        asApi,
      ),
    ).toEqual(["f|kubekloud_user"]);
  });

  test("get a new password, and the old one ends", async () => {
    await apply();
    await apply(accessPlan([{ ...api, password: "another" }], [{ name: "kubekloud", owner: api.name }]));
    expect(await server.query("SELECT 1", { ...asApi, PGPASSWORD: "another" })).toEqual(["1"]);
    await expect(server.query("SELECT 1", asApi)).rejects.toThrow(/password authentication failed/);
  });

  test("are made once by runs that meet", async () => {
    const runs = await Promise.all([apply(), apply(), apply()]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
  });

  test("are not made with a wrong password, and the error says why", async () => {
    const { code, output } = await apply(plan, { PGPASSWORD: "wrong" });
    expect(code).not.toBe(0);
    expect(output).toContain("password authentication failed");
  });

  const whenPython = testWith("python3 with psycopg2", python !== undefined);
  whenPython("are reached through DATABASE_URL by the application's own driver (needs python3-psycopg2)", async () => {
    await apply();
    const url = postgresUrl({
      host: "127.0.0.1",
      port: server.port,
      database: "kubekloud",
      username: api.name,
      password: PASSWORD,
    });
    const script =
      "import os, psycopg2; c = psycopg2.connect(os.environ['DATABASE_URL']).cursor(); c.execute('SELECT current_user'); print(c.fetchone()[0])";
    const { code, output } = await server.run(python ?? "", ["-c", script], {
      DATABASE_URL: url,
      PGUSER: "",
      PGPASSWORD: "",
    });
    expect({ code, output }).toEqual({ code: 0, output: "kubekloud_user\n" });
  });
});

describeIfInstalled("runbooks inside the server's container", () => {
  let server: PostgresServer;
  /** What the pod sets for client programs. */
  const usual = { PGUSER: api.name, PGDATABASE: "kubekloud" };
  const inside = (command: string, env: Readonly<Record<string, string>> = usual) => server.runInside(command, env);
  const told = async (sql: string) => (await inside(`psql -XAtqc "${sql}"`)).output.trim();

  beforeAll(async () => {
    server = new PostgresServer();
    server.initialize();
    const rules = loginRules([api.name], serverUser);
    await server.start([
      ...["-c", `hba_file=${server.file(loginFiles.rules, rules[loginFiles.rules])}`],
      ...["-c", `ident_file=${server.file(loginFiles.map, rules[loginFiles.map])}`],
    ]);
    const made = await server.run("psql", ["--no-psqlrc", "--no-password", "--quiet", `--file=${SCRIPT}`], {
      [PLAN_VARIABLE]: plan,
    });
    expect(made.code).toBe(0);
    await server.query("CREATE TABLE users (id serial); INSERT INTO users DEFAULT VALUES", asApi);
  });
  afterAll(() => server?.remove());

  // Dump and restore as KubeKloud's guides and the seed have them, over the same empty database each time.
  test.each([
    ["pg_dump -U kubekloud_user kubekloud > backup.sql", "psql -U kubekloud_user kubekloud < backup.sql"],
    ["pg_dump -U kubekloud_user kubekloud > backup.sql", "psql < backup.sql"],
    ["pg_dump kubekloud > backup.sql", "psql < backup.sql"],
    ["pg_dump --no-owner -U postgres kubekloud > backup.sql", "psql < backup.sql"],
    ["pg_dump > backup.sql", "psql -U postgres kubekloud < backup.sql"],
    ["pg_dump --format=custom > backup", "pg_restore --dbname=kubekloud --clean --if-exists --exit-on-error backup"],
  ])("%s, and %s", async (dump, restore) => {
    expect(await inside(dump)).toEqual({ code: 0, output: "" });
    await server.query("DROP TABLE users", asApi);

    const restored = await inside(restore);

    expect(restored).toMatchObject({ code: 0, output: expect.not.stringMatching(/error/i) });
    expect(await server.query("SELECT id FROM users", asApi)).toEqual(["1"]);
    expect(
      await server.query("INSERT INTO users DEFAULT VALUES RETURNING id; DELETE FROM users WHERE id > 1", asApi),
    ).toEqual(["2"]);
    await server.query("ALTER SEQUENCE users_id_seq RESTART WITH 2", asApi);
    // Nothing of it lies where nobody looks for it.
    expect(await server.query("SELECT relname FROM pg_class WHERE relname = 'users'")).toEqual([]);
  });

  test("everything there is, by the administrator: pg_dumpall -U postgres", async () => {
    const { code, output } = await inside("pg_dumpall -U postgres");
    expect(code).toBe(0);
    expect(output).toContain("CREATE DATABASE kubekloud");
    expect((await inside("pg_dumpall")).code).not.toBe(0); // the usual role may not, and nobody takes it for a dump
  });

  test("a look at the server: psql, psql -U kubekloud_user -c, pg_isready -U kubekloud_user, psql -U postgres", async () => {
    expect(await told("SELECT current_user, current_database()")).toBe("kubekloud_user|kubekloud");
    const size = `psql -U kubekloud_user -XAtqc "SELECT pg_database_size('kubekloud') > 0"`;
    expect(await inside(size)).toEqual({ code: 0, output: "t\n" });
    expect((await inside("pg_isready -U kubekloud_user")).code).toBe(0);
    expect(
      await inside('psql -U postgres -XAtqc "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"'),
    ).toEqual({
      code: 0,
      output: "t\n",
    });
  });

  test("a password is asked for at 127.0.0.1, by roles that nobody planned, and from other system users", async () => {
    expect((await inside("psql --no-password -h 127.0.0.1 -c 'SELECT 1'")).output).toContain("no password supplied");
    expect((await inside("psql --no-password -U postgres_exporter -c 'SELECT 1'")).output).toContain(
      "Peer authentication failed",
    );
    if (process.getuid?.() === 0) {
      const other = await server.run("psql", ["--no-password", "-c", "SELECT 1"], {
        PGHOST: (await inside("echo $PGHOST")).output.trim(),
        PGPASSWORD: "",
      });
      expect(other.output).toContain("Peer authentication failed");
    }
  });
});

describeIfInstalled("the wait for PostgreSQL", () => {
  let server: PostgresServer;

  const wait = (env: Readonly<Record<string, string>> = {}) => server.run("sh", ["-c", waitScript], env);

  beforeEach(async () => {
    server = new PostgresServer();
    server.initialize();
    await server.choosePort();
  });
  afterEach(() => server.remove());

  test("ends when a server that starts late is there", async () => {
    const waiting = wait({ WAIT_SECONDS: "300" });
    await server.start(serverArguments({ maxConnections: 200, memory: "512Mi", tls: false }));
    const { code, output } = await waiting;
    expect(code).toBe(0);
    expect(output).toContain("PostgreSQL is there, with a login.");
    expect(await server.query("SHOW max_connections")).toEqual(["200"]);
  });

  test("ends when the table that it waits for is made", async () => {
    await server.start();
    const waiting = wait({ WAIT_SECONDS: "300", REQUIRED_TABLE: "public.instances" });
    await server.query("CREATE TABLE instances (id int)");
    expect(await waiting).toMatchObject({ code: 0, output: expect.stringContaining("the table public.instances.\n") });
  });

  test("gives up in the end and says what was wrong", async () => {
    expect(await wait({ WAIT_SECONDS: "0" })).toMatchObject({
      code: 1,
      output: expect.stringContaining("the server does not answer"),
    });
    await server.start();
    expect(await wait({ WAIT_SECONDS: "0", PGPASSWORD: "wrong" })).toMatchObject({
      code: 1,
      output: expect.stringContaining("password authentication failed"),
    });
    expect(await wait({ WAIT_SECONDS: "0", REQUIRED_TABLE: "public.instances" })).toMatchObject({
      code: 1,
      output: expect.stringContaining("the table public.instances does not exist yet"),
    });
  });
});
