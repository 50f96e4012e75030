import { UID } from "../../../components/data/postgres-pod";
import { apiLabels, changed, DATABASE, DatabaseClient, databaseUrl, withServiceAddress } from "../database-client";
import type { RealPlatform } from "../real-platform";

const { namespace, workload, service, podLabels } = DATABASE;

/** Where the stack has another server of the same kind. */
const SONARQUBE = "sonarqube";

/** KubeKloud's database: how it runs, who gets in, and what the API's login may do. */
export function postgresTests(current: () => RealPlatform): void {
  let api: DatabaseClient;
  let url: URL;

  const inServer = (...words: string[]) => current().exec(namespace, workload, words);

  beforeAll(async () => {
    const platform = current();
    url = await databaseUrl(platform);
    const labels = await apiLabels(platform);
    api = await DatabaseClient.start(platform, { namespace, name: "probe-database-api", labels }, url);
  });
  afterAll(() => api?.remove());

  test("runs as its own user, without rights of root, on a root file system that it cannot write", async () => {
    const status = await current().output(namespace, workload, ["cat", "/proc/1/status"]);
    const field = (name: string) => new RegExp(`^${name}:\\s+(.*?)\\s*$`, "m").exec(status)?.[1];
    expect(field("Uid")?.split("\t")).toEqual(Array(4).fill(String(UID)));
    for (const set of ["CapEff", "CapPrm", "CapBnd", "CapAmb"]) expect(field(set)).toMatch(/^0+$/);
    expect(field("NoNewPrivs")).toBe("1");
    expect(field("Seccomp")).toBe("2"); // a filter

    expect((await inServer("touch", "/usr/local/probe")).output).toMatch(/Read-only file system/);
    expect(await inServer("touch", "/tmp/probe")).toMatchObject({ code: 0 });
    expect(await inServer("rm", "/tmp/probe")).toMatchObject({ code: 0 });
  });

  test("lets the API in by its DATABASE_URL, to a database of its own", async () => {
    expect(await api.query("SELECT current_user, current_database()")).toBe(`${url.username}|${url.pathname.slice(1)}`);
    expect(
      await api.query(
        "SELECT pg_get_userbyid(datdba) = current_user, has_database_privilege('pg_monitor', oid, 'CONNECT') " +
          "FROM pg_database WHERE datname = current_database()",
      ),
    ).toBe("t|f");
    await api.query("CREATE TABLE probe (id int); INSERT INTO probe VALUES (1); DROP TABLE probe");
  });

  test("refuses a wrong password, and asks for one inside the pod as well", async () => {
    const wrong = changed(url, (copy) => {
      copy.password = "wrong";
    });
    expect((await api.ask("SELECT 1", wrong)).output).toMatch(/password authentication failed/);
    const without = await inServer(
      "psql",
      "--host=127.0.0.1",
      "--username=postgres",
      "--no-password",
      "--command=SELECT 1",
    );
    expect(without).toMatchObject({ code: 2, output: expect.stringContaining("no password supplied") });
  });

  test("refuses other pods of the namespace, and pods of other namespaces whatever their labels", async () => {
    const address = await withServiceAddress(current(), namespace, service, url);
    expect(await api.query("SELECT 1", address)).toBe("1"); // so the address answers
    const others = [
      { namespace, name: "probe-database-neighbour", labels: { app: "probe" } },
      // In a namespace without policies of its own: the database's are what refuses.
      { namespace: "default", name: "probe-database-elsewhere", labels: await apiLabels(current()) },
    ];
    for (const pod of others) {
      const other = await DatabaseClient.start(current(), pod, address);
      try {
        expect((await other.ask("SELECT 1")).output).toMatch(/Connection refused/);
      } finally {
        await other.remove();
      }
    }
  });

  test("gives the API's login no rights over the server", async () => {
    expect(
      await api.query(
        "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls, " +
          "(SELECT count(*) FROM pg_auth_members WHERE member = pg_roles.oid) FROM pg_roles WHERE rolname = current_user",
      ),
    ).toBe("f|0");
    for (const [statement, refusal] of [
      ["CREATE ROLE intruder", /permission denied to create role/],
      ["CREATE DATABASE intruder", /permission denied to create database/],
      ["COPY (SELECT 1) TO PROGRAM 'true'", /pg_execute_server_program/],
      ["SELECT pg_read_file('/etc/passwd')", /permission denied for function pg_read_file/],
      ["SELECT rolpassword FROM pg_authid", /permission denied for table pg_authid/],
    ] as const) {
      expect((await api.ask(statement)).output).toMatch(refusal);
    }
    const administration = changed(url, (copy) => {
      copy.pathname = "/postgres";
    });
    expect((await api.ask("CREATE TABLE intruder (id int)", administration)).output).toMatch(
      /permission denied for schema public/,
    );
  });

  test("is no way to SonarQube's database, where the API's login does not exist", async () => {
    const elsewhere = await withServiceAddress(current(), SONARQUBE, service, url);
    expect((await api.ask("SELECT 1", elsewhere)).output).toMatch(/Connection refused/);
    const query = ["psql", "--no-align", "--tuples-only", "--command=SELECT rolname FROM pg_roles WHERE rolcanlogin"];
    const roles = (await current().output(SONARQUBE, workload, query)).split("\n");
    expect(roles).toContain("postgres");
    expect(roles).not.toContain(url.username);
  });

  test("keeps its data when its pod is deleted", async () => {
    await api.query("CREATE TABLE kept AS SELECT 'written before' AS text");
    const before = await current().podOf(namespace, podLabels);
    await current().kubectl.read("--namespace", namespace, "delete", "pod", before.metadata.name);
    await current().untilAnother(namespace, podLabels, before);
    // A policy takes hold of the new pod within a moment; the client asks again, as the API does.
    await current().untilAnswered(() => api.ask("SELECT 1"));
    expect(await api.query("SELECT text FROM kept")).toBe("written before");
    await api.query("DROP TABLE kept");
  });
}
