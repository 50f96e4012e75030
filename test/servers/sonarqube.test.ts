import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bootstrapFiles } from "../../components/inspection/sonarqube-bootstrap";
import {
  desiredState,
  passwordFile,
  type SonarConsumer,
  TOKEN_KEY,
} from "../../components/inspection/sonarqube-desired-state";
import { FakeSecretStore } from "../support/fake-secret-store";
import { describeWith } from "../support/requirements";
import { analyse, scannerArchive } from "../support/sonar-scanner";
import { type SonarLogin, SonarQubeServer, sonarqubeArchive } from "../support/sonarqube-server";

const archives = { server: sonarqubeArchive(), scanner: scannerArchive() };
const folderOf = (archive: ReturnType<typeof sonarqubeArchive>) => ("folder" in archive ? archive.folder : "");
const available = { server: folderOf(archives.server), scanner: folderOf(archives.scanner) };
const missing = Object.values(archives).flatMap((each) => ("reason" in each ? [each.reason] : []));
const whenAvailable = describeWith(missing.join(", "), missing.length === 0);

const PASSWORDS = { administrator: "Password-of-the-administrator", openchecker: "Password-of-OpenChecker" };
const ADMINISTRATOR: SonarLogin = ["admin", PASSWORDS.administrator];
const USER: SonarLogin = ["openchecker", PASSWORDS.openchecker];
const SECRET = "openchecker/sonarqube-openchecker-token";
const consumer: SonarConsumer = {
  username: "openchecker",
  displayName: "OpenChecker",
  secret: { namespace: "openchecker", name: "sonarqube-openchecker-token" },
};

interface Order {
  readonly consumer?: Partial<SonarConsumer>;
  readonly administratorPassword?: string;
  readonly url?: string;
  readonly waitSeconds?: number;
}

interface Token {
  readonly name: string;
  readonly createdAt: string;
  readonly expirationDate?: string;
}

// One server for all: each test begins with what the ones before it have left.
whenAvailable("on a real SonarQube", () => {
  const folder = mkdtempSync(join(tmpdir(), "sonarqube-bootstrap-"));
  const accountDirectory = join(folder, "account");
  const secrets = new FakeSecretStore();
  let server: SonarQubeServer;
  let cluster: Record<string, string>;

  beforeAll(async () => {
    server = new SonarQubeServer(available.server);
    await server.choosePort();
    cluster = await secrets.listen(accountDirectory);
    secrets.secrets.set(SECRET, {});
  });

  afterAll(async () => {
    await server.remove();
    await secrets.close();
    rmSync(folder, { recursive: true });
  });

  /** Runs the script as the Job does. */
  async function run(order: Order = {}): Promise<{ code: number | null; output: string }> {
    const credentials = join(folder, "credentials");
    mkdirSync(credentials, { recursive: true });
    const administratorPassword = order.administratorPassword ?? PASSWORDS.administrator;
    writeFileSync(join(credentials, "administrator"), administratorPassword);
    writeFileSync(join(credentials, passwordFile("openchecker")), PASSWORDS.openchecker);
    for (const [name, content] of Object.entries(bootstrapFiles)) {
      writeFileSync(join(folder, name), content);
    }
    const desired = desiredState([{ ...consumer, ...order.consumer }], "https://sonarqube.example.org", {
      "sonar.forceAuthentication": "true",
      "sonar.dbcleaner.daysBeforeDeletingClosedIssues": "31",
    });
    writeFileSync(join(folder, "desired.json"), desired);
    const child = spawn("python3", ["-B", join(folder, "sonarqube_bootstrap.py")], {
      env: {
        PATH: process.env["PATH"],
        ...cluster,
        ACCOUNT_DIRECTORY: accountDirectory,
        CREDENTIALS_DIRECTORY: credentials,
        DESIRED_STATE: join(folder, "desired.json"),
        HTTP_PROXY: "http://127.0.0.1:1", // must not be used for a Service of the cluster
        HTTPS_PROXY: "http://127.0.0.1:1",
        RETRY_PAUSE_SECONDS: "0.2",
        SONARQUBE_URL: order.url ?? server.url,
        WAIT_SECONDS: String(order.waitSeconds ?? 600),
      },
    });
    const printed: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => printed.push(text));
    }
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    const output = printed.join("");
    for (const secret of [...Object.values(PASSWORDS), administratorPassword, ...tokenInSecret()]) {
      expect(output).not.toContain(secret);
    }
    return { code, output };
  }

  const tokenInSecret = (): string[] => Object.values(secrets.secrets.get(SECRET) ?? {}).filter((each) => each !== "");

  const tokens = async (): Promise<Token[]> =>
    (await server.shown<{ userTokens: Token[] }>("/api/user_tokens/search", USER)).userTokens;

  async function isWorkingToken(): Promise<boolean> {
    const [token = ""] = tokenInSecret();
    return token !== "" && (await server.accepts([token, ""]));
  }

  /** Waits, as OpenChecker does, until the server has worked on the report. */
  async function analysed(component: string): Promise<void> {
    type Tasks = { queue: unknown[]; current?: { status: string; errorMessage?: string } };
    for (;;) {
      const { queue, current } = await server.shown<Tasks>("/api/ce/component", USER, { component });
      if (queue.length === 0 && current !== undefined) {
        expect(current).toMatchObject({ status: "SUCCESS" });
        return;
      }
      await sleep(500);
    }
  }

  test("the script waits for a server that starts, and then sets it up", async () => {
    const running = run();
    await server.start();
    expect(await running).toMatchObject({
      code: 0,
      output: expect.stringContaining("waiting for SonarQube: no answer"),
    });
    expect(await server.accepts(["admin", "admin"])).toBe(false);
    expect(await server.accepts(ADMINISTRATOR)).toBe(true);
    expect(secrets.secrets.get(SECRET)).toEqual({ [TOKEN_KEY]: expect.stringMatching(/^sqa_/) });
    expect(await isWorkingToken()).toBe(true);
    const keys = "sonar.core.serverBaseURL,sonar.forceAuthentication";
    const { settings } = await server.shown<{ settings: unknown[] }>("/api/settings/values", ADMINISTRATOR, { keys });
    expect(settings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ key: "sonar.forceAuthentication", value: "true" }),
        expect.objectContaining({ key: "sonar.core.serverBaseURL", value: "https://sonarqube.example.org" }),
      ]),
    );
  });

  test("the search engine starts without memory maps, and with nothing but four directories to write to", async () => {
    await server.untilUp();
    expect(server.searchSettings).toContain("node.store.allow_mmap: 'false'");
    expect(server.log).not.toContain("vm.max_map_count");
  });

  test("OpenChecker's login gets a project analysed and reads the result, and administers nothing", async () => {
    const project = "github_example_one";
    const create = () => server.call("POST", "/api/projects/create", USER, { project, name: project });
    expect((await create()).status).toBe(200);
    const code = join(folder, "code");
    mkdirSync(code);
    writeFileSync(join(code, "one.py"), "def one():\n    return 1\n");
    const [token = ""] = tokenInSecret();
    const home = join(folder, "scanner");
    const scanned = await analyse({ scanner: available.scanner, url: server.url, token, project, code, home });
    expect(scanned).toEqual({ code: 0, output: expect.stringContaining("EXECUTION SUCCESS") });
    await analysed(project);
    const { component } = await server.shown<{ component: { measures: unknown[] } }>("/api/measures/component", USER, {
      component: project,
      metricKeys: "lines,reliability_rating,security_rating,sqale_rating",
    });
    expect(component.measures).toContainEqual(expect.objectContaining({ metric: "lines", value: "3" }));
    expect(component.measures).toHaveLength(4);
    // It takes a refused search for "there is no such project", and the refusal below for what it is.
    expect((await server.call("GET", "/api/projects/search", USER, { projects: project })).status).toBe(403);
    expect((await create()).status).toBe(400);
    const { users } = await server.shown<{ users: { permissions: string[] }[] }>(
      "/api/permissions/users",
      ADMINISTRATOR,
      { q: "openchecker" },
    );
    expect(users.map(({ permissions }) => [...permissions].sort())).toEqual([["provisioning", "scan"]]);
    expect((await server.call("POST", "/api/projects/delete", USER, { project })).status).toBe(403);
  });

  test("a second run changes nothing", async () => {
    const before = { tokens: await tokens(), secret: tokenInSecret() };
    secrets.requests.length = 0;
    expect(await run()).toEqual({ code: 0, output: "SonarQube is as it should be\n" });
    expect({ tokens: await tokens(), secret: tokenInSecret() }).toMatchObject({
      tokens: before.tokens.map(({ name, createdAt }) => ({ name, createdAt })),
      secret: before.secret,
    });
    expect(secrets.requests).toEqual([`GET ${SECRET}`]);
  });

  test("a run that ended before the token was written is completed", async () => {
    secrets.secrets.set(SECRET, {}); // the server has a token that nobody knows
    expect(await run()).toMatchObject({ code: 0 });
    expect(await isWorkingToken()).toBe(true);
    expect(await tokens()).toHaveLength(1);
  });

  test("a token that somebody has revoked is made anew", async () => {
    const [{ name } = { name: "" }] = await tokens();
    await server.call("POST", "/api/user_tokens/revoke", USER, { name });
    const [revoked = ""] = tokenInSecret();
    expect(await run()).toMatchObject({ code: 0 });
    expect(tokenInSecret()).not.toContain(revoked);
    expect(await isWorkingToken()).toBe(true);
  });

  test("a token that ends soon gets a successor, and still works until its end", async () => {
    const [endless = ""] = tokenInSecret();
    expect(await run({ consumer: { tokenDays: 90 } })).toMatchObject({ code: 0 });
    const [first = ""] = tokenInSecret();
    expect(first).not.toBe(endless);
    expect(await server.accepts([endless, ""])).toBe(true);
    const made = await tokens();
    expect(made.filter(({ expirationDate }) => expirationDate !== undefined)).toHaveLength(1);
    expect(await run({ consumer: { tokenDays: 90 } })).toMatchObject({ code: 0 });
    expect(tokenInSecret()).toEqual([first]);
    // Of 360 days the 90 that are left are less than a third.
    expect(await run({ consumer: { tokenDays: 360 } })).toMatchObject({ code: 0 });
    expect(tokenInSecret()).not.toContain(first);
    expect(await isWorkingToken()).toBe(true);
  });

  test("what people changed by hand is put right", async () => {
    await server.call("POST", "/api/settings/set", ADMINISTRATOR, { key: "sonar.forceAuthentication", value: "false" });
    await server.call("POST", "/api/users/change_password", ADMINISTRATOR, {
      login: "openchecker",
      password: "Password-of-somebody-else",
    });
    await server.call("POST", "/api/permissions/remove_user", ADMINISTRATOR, {
      login: "openchecker",
      permission: "scan",
    });
    const { code, output } = await run();
    expect(code).toBe(0);
    expect(output).toContain("setting sonar.forceAuthentication: changed");
    expect(output).toContain("user openchecker: may scan");
    expect(await server.accepts(USER)).toBe(true);
  });

  test("a wrong administrator password ends it at once, with what to do", async () => {
    const { code, output } = await run({ administratorPassword: "Not-the-password" });
    expect(code).toBe(3);
    expect(output).toContain("platform:sonarqube.administratorPassword");
  });

  test("a Secret that it may not read ends it, and no token is lost", async () => {
    const [token = ""] = tokenInSecret();
    secrets.secrets.delete(SECRET);
    const { code, output } = await run();
    secrets.secrets.set(SECRET, { [TOKEN_KEY]: token });
    expect(code).toBe(5);
    expect(output).toContain(`Secret ${SECRET}: the API server answered 403`);
    expect(await isWorkingToken()).toBe(true);
  });

  test("a server that does not come up ends it with its own code", async () => {
    const { code, output } = await run({ url: "http://127.0.0.1:9", waitSeconds: 1 });
    expect(code).toBe(4);
    expect(output).toContain("SonarQube did not come up");
  });
});
