import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodePreparationScript } from "../../components/registry/node-preparation";
import { testWith } from "../support/requirements";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const whenPython = testWith("python3", hasPython);

const HOST = "harbor.local:30003";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "node-preparation-"));
  mkdirSync(join(folder, "certs.d"));
  writeFileSync(join(folder, "hosts"), "127.0.0.1 localhost\n");
  writeFileSync(join(folder, "prepare_node.py"), nodePreparationScript);
});

afterEach(() => rmSync(folder, { recursive: true }));

function prepare(settings: Readonly<Record<string, string>> = {}) {
  return spawnSync("python3", ["-B", join(folder, "prepare_node.py")], {
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      AUTHORITY_FILE: join(folder, "ca.crt"),
      CERTS_DIRECTORY: join(folder, "certs.d"),
      CERTS_NODE_PATH: "/etc/containerd/certs.d",
      HOSTS_FILE: join(folder, "hosts"),
      REGISTRY_ADDRESS: "10.0.0.5",
      REGISTRY_HOST: HOST,
      REGISTRY_SCHEME: "https",
      CHECK_SECONDS: "0",
      ...settings,
    },
  });
}

const written = (name: string) => readFileSync(join(folder, name), "utf8");

whenPython("tells containerd how to reach the registry and whom to trust, and the node where it is", () => {
  writeFileSync(join(folder, "ca.crt"), "the authority\n");
  expect(prepare()).toMatchObject({ status: 0, stdout: `${HOST}: wrote ca.crt, hosts.toml, hosts file\n` });
  expect(written(`certs.d/${HOST}/hosts.toml`)).toBe(
    [
      'server = "https://harbor.local:30003"',
      "",
      '[host."https://harbor.local:30003"]',
      '  capabilities = ["pull", "resolve", "push"]',
      '  ca = "/etc/containerd/certs.d/harbor.local:30003/ca.crt"',
      "",
    ].join("\n"),
  );
  expect(written(`certs.d/${HOST}/ca.crt`)).toBe("the authority\n");
  expect(written("hosts")).toBe("127.0.0.1 localhost\n10.0.0.5 harbor.local # platform registry\n");
});

whenPython("looks again without writing again, and puts right what somebody removed", () => {
  prepare();
  expect(prepare().stdout).toBe("");
  rmSync(join(folder, "certs.d", HOST), { recursive: true });
  expect(prepare().stdout).toBe(`${HOST}: wrote hosts.toml\n`);
});

whenPython("a new address takes the place of the old one", () => {
  prepare();
  prepare({ REGISTRY_ADDRESS: "10.0.0.9" });
  expect(written("hosts")).toBe("127.0.0.1 localhost\n10.0.0.9 harbor.local # platform registry\n");
});

whenPython("plain HTTP without an address leaves the hosts file alone", () => {
  prepare({ REGISTRY_SCHEME: "http", REGISTRY_HOST: "harbor.local:30002", REGISTRY_ADDRESS: "" });
  expect(written("certs.d/harbor.local:30002/hosts.toml")).toContain('[host."http://harbor.local:30002"]');
  expect(written("hosts")).toBe("127.0.0.1 localhost\n");
  expect(existsSync(join(folder, "certs.d/harbor.local:30002/ca.crt"))).toBe(false);
});

whenPython("says what it cannot write", () => {
  const { status, stderr } = prepare({ CERTS_DIRECTORY: join(folder, "hosts") });
  expect(status).toBe(1);
  expect(stderr).toContain("error:");
});
