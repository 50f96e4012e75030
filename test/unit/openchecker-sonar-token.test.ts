import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configurationSections, renderIni } from "../../components/openchecker/configuration";
import { configurationVolumes, FILL_TOKEN, TOKEN_PLACEHOLDER } from "../../components/openchecker/pod-configuration";
import { testWith } from "../support/requirements";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const withPython = testWith("python3", hasPython);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sonar-token-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs what the init container runs, with a token in the mounted Secret. */
function fill(token: string) {
  const broker = { host: "rabbitmq", port: 5672, username: "openchecker", password: "100%" };
  const server = { scheme: "http", host: "sonarqube", port: 9000, username: "openchecker", password: "p" } as const;
  const sonar = { ...server, token: TOKEN_PLACEHOLDER };
  const [template, source, target] = ["template", "token", "config.ini"].map((name) => join(folder, name));
  writeFileSync(template ?? "", renderIni(configurationSections({ generation: "classic", broker, sonar })));
  writeFileSync(source ?? "", token);
  return spawnSync("python3", ["-c", FILL_TOKEN, ...[template, source, target].map(String)], { encoding: "utf8" });
}

withPython("the token reaches the configuration as the worker reads it, and nobody else's eyes", () => {
  expect(fill("sqa_50%\n")).toMatchObject({ status: 0, stdout: "", stderr: "" });
  const read =
    "import configparser, sys\nc = configparser.ConfigParser()\nc.read(sys.argv[1])\n" +
    'print(c["SonarQube"]["token"], c["RabbitMQ"]["password"])';
  const file = join(folder, "config.ini");
  expect(spawnSync("python3", ["-c", read, file], { encoding: "utf8" }).stdout).toBe("sqa_50% 100%\n");
  expect(statSync(file).mode & 0o007).toBe(0);
  expect(readFileSync(file, "utf8")).not.toContain(TOKEN_PLACEHOLDER);
});

withPython("an empty token keeps the worker from starting, with the reason", () => {
  expect(fill("\n")).toMatchObject({ status: 1, stderr: "the Secret with the SonarQube token is empty\n" });
});

test("a configuration that is complete is mounted as it is", () => {
  expect(configurationVolumes("claim", "configuration")).toEqual([
    { name: "config-volume", persistentVolumeClaim: { claimName: "claim" } },
    { name: "configuration", secret: { secretName: "configuration", defaultMode: 0o440 } },
  ]);
});
