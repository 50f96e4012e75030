import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { BROKER_CONNECTION_PROBE, copyCommand } from "../../components/openchecker/agent-pod";
import { type ConfigurationFacts, configurationSections, renderIni } from "../../components/openchecker/configuration";
import { sonarAddress } from "../../components/openchecker/image-generation";
import { testWith } from "../support/requirements";

const broker = {
  host: "rabbitmq.rabbitmq.svc.cluster.local",
  port: 5672,
  username: "openchecker",
  password: "broker-pw",
};
const api = { port: 80, username: "openchecker", password: "api-pw", tokenKey: "token-key", tokenMinutes: 30 };
const facts: ConfigurationFacts = { generation: "classic", broker };

/** The images' own reader: Python's configparser. */
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const withPython = testWith("python3", hasPython);

function readByPython(ini: string): Record<string, Record<string, string>> {
  const script =
    "import configparser, json, sys\nc = configparser.ConfigParser()\nc.read_string(sys.stdin.read())\n" +
    "print(json.dumps({s: dict(c[s]) for s in c.sections()}))";
  const { stdout, stderr, status } = spawnSync("python3", ["-c", script], { input: ini, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(stderr);
  }
  return JSON.parse(stdout) as Record<string, Record<string, string>>;
}

test("the file for the API has no key of the workers, and the other way round", () => {
  const forApi = configurationSections({ ...facts, api });
  const forWorkers = configurationSections({ ...facts, codeHosts: { github: "github-key" } });
  expect(forApi["JWT"]).toMatchObject({ secret_key: "token-key" });
  expect(forApi["Github"]).toEqual({ access_key: "" });
  expect(forWorkers["JWT"]).toMatchObject({ secret_key: "" });
  expect(forWorkers["UserManager"]).toEqual({ default_username: "", default_password: "" });
  expect(forWorkers["Github"]).toEqual({ access_key: "github-key" });
});

test("the API listens where the Service sends its requests", () => {
  expect(configurationSections({ ...facts, api })["OpenCheck"]).toMatchObject({ host: "0.0.0.0", port: 80 });
});

test("every section and key that any version reads is there", () => {
  const keys = Object.entries(configurationSections(facts)).flatMap(([section, each]) =>
    Object.keys(each).map((key) => `${section}.${key}`),
  );
  expect(keys.sort()).toMatchInlineSnapshot(`
[
  "AKSK.access_key",
  "AKSK.secret_key",
  "ChatBot.api_key",
  "ChatBot.base_url",
  "ChatBot.model_name",
  "GitCode.access_key",
  "Gitee.access_key",
  "Github.access_key",
  "JWT.expires_minutes",
  "JWT.secret_key",
  "OpenCheck.host",
  "OpenCheck.port",
  "OpenCheck.repos_dir",
  "OpenCheck.ssl_crt_path",
  "OpenCheck.ssl_key_path",
  "RabbitMQ.blocked_connection_timeout_ms",
  "RabbitMQ.heartbeat_interval_s",
  "RabbitMQ.host",
  "RabbitMQ.password",
  "RabbitMQ.port",
  "RabbitMQ.username",
  "SonarQube.host",
  "SonarQube.password",
  "SonarQube.port",
  "SonarQube.report_check_interval_s",
  "SonarQube.report_max_wait_time_s",
  "SonarQube.scan_timeout_s",
  "SonarQube.token",
  "SonarQube.username",
  "UserManager.default_password",
  "UserManager.default_username",
]
`);
});

test.each([
  ["classic", { host: "sonar.example.org", port: "9000" }],
  ["current", { host: "https://sonar.example.org:9000", port: "9000" }],
] as const)("the %s code builds the right SonarQube address from host and port", (generation, expected) => {
  expect(sonarAddress(generation, { scheme: "https", host: "sonar.example.org", port: 9000 })).toEqual(expected);
});

withPython("configparser reads back any password that an INI file can hold", () => {
  const password = fc.string({ minLength: 1, unit: "grapheme-ascii" }).filter((text) => text === text.trim());
  fc.assert(
    fc.property(fc.array(password, { minLength: 5, maxLength: 20 }), (values) => {
      const secrets = Object.fromEntries(values.map((value, index) => [`key${index}`, value]));
      expect(readByPython(renderIni({ Secrets: secrets }))).toEqual({ Secrets: secrets });
    }),
    { numRuns: 15 }, // each run starts a Python process
  );
});

test.each([["two\nlines"], [" space before"], ["space after "]])(
  "a value that would be lost is refused without being shown",
  (value) => {
    expect(() => renderIni({ JWT: { secret_key: value } })).toThrow(/\[JWT\] secret_key/);
    expect(() => renderIni({ JWT: { secret_key: value } })).not.toThrow(new RegExp(value.trim().split("\n")[0] ?? ""));
  },
);

withPython("the workers' probe tells an open connection to the broker's port from none", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const probe = () => spawnSync("python3", ["-c", BROKER_CONNECTION_PROBE, String(port)], { encoding: "utf8" });
  expect(probe()).toMatchObject({ status: 1, stderr: "no open connection to the broker\n" });
  const client = connect(port, "127.0.0.1");
  await new Promise((resolve) => client.once("connect", resolve));
  expect(probe().status).toBe(0);
  client.destroy();
  server.close();
});

const asRoot = testWith("root", process.getuid?.() === 0);

asRoot("the classic workers' user can copy the application into a volume that belongs to root", () => {
  const folder = mkdtempSync(join(tmpdir(), "application-"));
  const [from, to] = [join(folder, "app"), join(folder, "copy")];
  mkdirSync(join(from, "scripts"), { recursive: true });
  writeFileSync(join(from, "scripts/entrypoint.sh"), "#!/bin/sh\n", { mode: 0o755 });
  mkdirSync(to);
  chmodSync(folder, 0o755);
  chmodSync(to, 0o2777); // what fsGroup makes of an emptyDir
  const [command = "", ...args] = copyCommand(from, to);
  expect(spawnSync(command, args, { uid: 10001, gid: 10001, encoding: "utf8" })).toMatchObject({
    status: 0,
    stderr: "",
  });
  expect(statSync(join(to, "scripts/entrypoint.sh")).mode & 0o111).not.toBe(0);
  rmSync(folder, { recursive: true });
});
