import { sandbox, statusReport } from "../../cli/sandbox";
import { chooseTarget, readArguments } from "../../cli/shared/stack-options";
import * as cluster from "../../sandbox/cluster";
import { silentProgress } from "../../sandbox/progress";

jest.mock("../../sandbox/cluster");

const clusterUp = jest.mocked(cluster.clusterUp);
const read = (...args: string[]) => readArguments(args, "HELP\n", ["node", "images"]);

let stdout: string;
let stderr: string;
beforeEach(() => {
  stdout = "";
  stderr = "";
  clusterUp.mockReset();
  clusterUp.mockImplementation(async (_, options) => ({
    name: "sandbox-1",
    kubeconfig: "/checkout/.sandbox/kubeconfig",
    context: "platform-sandbox",
    server: "https://127.0.0.1:20000",
    auditLog: undefined,
    node: options?.node ?? "simulated",
    images: options?.node === "real" ? (options.images ?? "sandbox") : undefined,
  }));
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => jest.restoreAllMocks());

async function target(...args: string[]) {
  const choice = read(...args)?.choice;
  if (choice === undefined) throw new Error("no choice");
  return await chooseTarget(choice, silentProgress);
}

test("the embedded cluster is asked for the node that is wanted, and the stack learns of it", async () => {
  expect(await target("--node", "real")).toMatchObject({ kind: "sandbox", realNode: "sandbox" });
  expect(clusterUp).toHaveBeenLastCalledWith(silentProgress, { node: "real" });
  expect(await target("--node", "simulated")).toMatchObject({ realNode: undefined });
  expect(clusterUp).toHaveBeenLastCalledWith(silentProgress, { node: "simulated" });
});

test("the images of the node come from where the user says", async () => {
  expect(await target("--node", "real", "--images", "vendor")).toMatchObject({ realNode: "vendor" });
  expect(clusterUp).toHaveBeenLastCalledWith(silentProgress, { node: "real", images: "vendor" });
  expect(() => read("--images", "mine")).toThrow(/--images mine does not exist. It is one of: sandbox, vendor/);
  expect(() => read("--images", "vendor", "--context", "production")).toThrow(/about the embedded cluster/);
});

test("without the option the cluster stays as it is", async () => {
  await target();
  expect(clusterUp).toHaveBeenLastCalledWith(silentProgress, {});
});

test("another kind of node is refused with those there are", () => {
  expect(() => read("--node", "virtual")).toThrow(/--node virtual does not exist. It is one of: real, simulated/);
});

test.each([
  ["--kubeconfig", "file"],
  ["--context", "production"],
])("a node for a cluster of the user is refused: %s", (option, value) => {
  expect(() => read("--node", "real", option, value)).toThrow(/--node and --images are about the embedded cluster/);
});

test("commands that do not start the cluster for a run have no such option", () => {
  expect(() => readArguments(["--node", "real"], "HELP\n", [])).toThrow(/no option --node/);
});

describe("npm run sandbox", () => {
  test("up hands the kind on and says what runs", async () => {
    expect(await sandbox(["up", "--node", "real", "--directory", "/elsewhere"])).toBe(0);
    expect(clusterUp).toHaveBeenLastCalledWith(expect.anything(), { node: "real", directory: "/elsewhere" });
    expect(stdout).toMatch(/Its node sandbox-real-node runs containers/);
    await sandbox(["up"]);
    expect(clusterUp).toHaveBeenLastCalledWith(expect.anything(), {});
  });

  test.each([
    [["up", "--node", "virtual"], "--node virtual does not exist. It is one of: real, simulated.\n"],
    [["down", "--node", "real"], "--node goes with up, not with down"],
    [["status", "--images", "vendor"], "--images goes with up, not with status"],
    [["up", "--images", "mine"], "--images mine does not exist. It is one of: sandbox, vendor.\n"],
    [["up", "--node"], "--node"],
  ])("refuses %j and says why", async (args, reason) => {
    expect(await sandbox(args)).toBe(2);
    expect(stderr).toContain(reason);
    expect(clusterUp).not.toHaveBeenCalled();
  });

  test.each([
    [{ wanted: true, running: true }, "real node   sandbox-real-node runs\n"],
    [{ wanted: true, running: false }, "real node   sandbox-real-node does not run; npm run sandbox -- up starts it\n"],
    [{ wanted: false, running: false }, undefined],
  ])("status tells of the real node: %j", (realNode, line) => {
    const report = statusReport({
      state: "running",
      reason: undefined,
      name: "sandbox-1",
      directory: "/checkout/.sandbox",
      kubeconfig: "/checkout/.sandbox/kubeconfig",
      server: "https://127.0.0.1:20000",
      kubernetesVersion: "v1.34.4",
      components: [],
      nodes: [],
      objects: {},
      realNode,
    });
    expect(report.match(/^real node.*\n/m)?.[0]).toBe(line);
  });
});
