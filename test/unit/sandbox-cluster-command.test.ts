import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandbox, statusReport } from "../../cli/sandbox";
import type { ClusterStatus } from "../../sandbox/cluster";

let directory: string;
let stdout: string;
let stderr: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "platform-command-"));
  stdout = "";
  stderr = "";
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

test("explains itself", async () => {
  expect(await sandbox(["--help"])).toBe(0);
  for (const action of ["up", "down", "status", "kubeconfig", "reset"]) expect(stdout).toContain(action);
});

test.each([
  [[], "an action is missing"],
  [["fly"], 'there is no action "fly"'],
  [["up", "down"], "one action is allowed, not 2"],
  [["up", "--dir", "x"], "--dir"],
])("refuses %j and says why", async (args, reason) => {
  expect(await sandbox(args)).toBe(2);
  expect(stderr).toContain(reason);
  expect(stderr).toContain("Usage:");
  expect(stdout).toBe("");
});

test("kubeconfig prints the path and nothing else, so that a shell can use it", async () => {
  writeFileSync(join(directory, "kubeconfig"), "");
  expect(await sandbox(["kubeconfig", "--directory", directory])).toBe(0);
  expect(stdout).toBe(`${join(directory, "kubeconfig")}\n`);
});

test("kubeconfig says how to get one when there is none", async () => {
  expect(await sandbox(["kubeconfig", "--directory", directory])).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/absent.*npm run sandbox -- up/);
});

test("the status of an absent sandbox is not a success", async () => {
  expect(await sandbox(["status", "--directory", directory])).toBe(1);
  expect(stdout).toMatch(/sandbox +absent/);
});

test("stopping what does not run is a success, and says so", async () => {
  expect(await sandbox(["down", "--directory", directory])).toBe(0);
  expect(stdout).toBe("There is no sandbox to stop.\n");
});

test("the report shows components, memory, nodes and objects", () => {
  const status: ClusterStatus = {
    state: "running",
    reason: undefined,
    name: "sandbox-1",
    directory: "/checkout/.sandbox",
    kubeconfig: "/checkout/.sandbox/kubeconfig",
    server: "https://127.0.0.1:20000",
    realNode: { wanted: false, running: false },
    kubernetesVersion: "v1.34.4",
    components: [
      { component: "kube-apiserver", pid: 12, memoryBytes: 300 * 2 ** 20, ports: [20_000] },
      { component: "etcd", pid: undefined, memoryBytes: 0, ports: [20_001, 20_002] },
    ],
    nodes: [
      { name: "node-0", ready: true },
      { name: "node-1", ready: false },
    ],
    objects: { shop: { pods: 2, deployments: 1 }, default: { services: 1 } },
  };
  expect(statusReport(status)).toBe(`sandbox     running
cluster     sandbox-1
folder      /checkout/.sandbox
server      https://127.0.0.1:20000
kubernetes  v1.34.4
nodes       node-0, node-1 (not ready)

COMPONENT        PID   PORTS          MEMORY
kube-apiserver   12    20000          300 MiB
etcd             -     20001, 20002   -
300 MiB of memory in all

NAMESPACE   OBJECTS
default     1 services
shop        1 deployments, 2 pods
`);
});
