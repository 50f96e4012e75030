import * as fc from "fast-check";
import { externalPostgres } from "../../components/data/external-postgres";
import { accessPlan } from "../../components/data/postgres-access";
import { initialArguments, serverArguments, sharedMemorySize } from "../../components/data/postgres-configuration";
import { postgresUrl } from "../../components/data/postgres-url";
import { bytesOf } from "../../components/kubernetes/quantity";

const server = { host: "postgres-service", port: 5432 };

test("the URL has the seed's form", () => {
  const login = { database: "kubekloud", username: "kubekloud_user", password: "secret" };
  expect(postgresUrl({ ...server, ...login })).toBe(
    "postgresql://kubekloud_user:secret@postgres-service:5432/kubekloud",
  );
});

test("every user, password and database survives its way through a URL", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 });
  // A path of "." or ".." leads elsewhere in every URL, however it is written; the settings allow no such database.
  const name = text.filter((each) => each !== "." && each !== "..");
  fc.assert(
    fc.property(text, text, name, (username, password, database) => {
      const url = new URL(postgresUrl({ ...server, username, password, database, sslmode: "require" }));
      expect([url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent)).toEqual([
        username,
        password,
        database,
      ]);
      expect(url.host).toBe("postgres-service:5432");
      expect(url.search).toBe("?sslmode=require");
    }),
  );
});

test("no user and no password makes KubeKloud take the server for SQLite", () => {
  const login = { database: "kubekloud", username: "sqlite_user", password: "my-sqlite-sqlite" };
  const url = postgresUrl({ ...server, ...login });
  expect(url).not.toContain("sqlite");
  expect([new URL(url).username, new URL(url).password].map(decodeURIComponent)).toEqual([
    login.username,
    login.password,
  ]);
});

test("an address of IPv6 is set apart from the port", () => {
  const login = { database: "d", username: "u", password: "p" };
  expect(postgresUrl({ ...login, host: "2001:db8::1", port: 5432 })).toBe("postgresql://u:p@[2001:db8::1]:5432/d");
});

test("an external server gives the same contract", async () => {
  const endpoint = externalPostgres({
    ...server,
    cidrs: ["10.1.0.0/24"],
    database: "d",
    username: "u",
    password: "p/p",
    sslmode: "verify-full",
  });
  expect(endpoint).toMatchObject({ ports: [5432], peer: { cidrs: ["10.1.0.0/24"] }, username: "u", database: "d" });
  const url = await new Promise((resolve) => endpoint.url.apply(resolve));
  expect(url).toBe("postgresql://u:p%2Fp@postgres-service:5432/d?sslmode=verify-full");
});

test.each([
  ["the administrator's name", [{ name: "postgres", password: "p" }], [], "another user name"],
  ["a name of PostgreSQL's own", [{ name: "pg_reader", password: "p" }], [], "another user name"],
  [
    "a database of PostgreSQL's own",
    [{ name: "u", password: "p" }],
    [{ name: "template1", owner: "u" }],
    "another database",
  ],
  ["an owner that nobody plans", [], [{ name: "d", owner: "u" }], "no planned role"],
])("a plan with %s is refused", (_, roles, databases, words) => {
  expect(() => accessPlan(roles, databases)).toThrow(words);
});

test("the server's memory follows its limit", () => {
  const settings = serverArguments({ maxConnections: 100, memory: "8Gi", tls: false });
  expect(settings).toEqual(
    expect.arrayContaining([
      "shared_buffers=2048MB",
      "effective_cache_size=6144MB",
      "work_mem=20MB",
      "max_connections=100",
    ]),
  );
  expect(settings.join(" ")).not.toContain("ssl");
});

test("the workers of a VACUUM find room for all the memory that it may use", () => {
  fc.assert(
    fc.property(fc.integer({ min: 128, max: 1024 * 1024 }), (mebibytes) => {
      const memory = `${mebibytes}Mi`;
      const settings = serverArguments({ maxConnections: 100, memory, tls: false }).join(" ");
      const [, maintenance = ""] = /maintenance_work_mem=(\d+)MB/.exec(settings) ?? [];
      const room = bytesOf(sharedMemorySize(memory));
      expect(room).toBeGreaterThanOrEqual(2 * bytesOf(`${maintenance}Mi`));
      expect(room).toBeLessThanOrEqual(bytesOf(memory) / 2);
    }),
  );
});

test.each([
  ["16.10-alpine", true],
  ["17", true],
  ["15.14-alpine", false],
  ["16ab34cd56ef", false],
  ["latest", false],
])("nothing takes huge pages, initdb of %s neither where it can be told", (version, told) => {
  expect(serverArguments({ maxConnections: 100, memory: "1Gi", tls: false })).toContain("huge_pages=off");
  expect(initialArguments(version).includes("huge_pages=off")).toBe(told);
});
