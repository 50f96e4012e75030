import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IDLE_SECONDS, STOP_WHEN_IDLE } from "../../components/openchecker/agent-pod";
import { find, renderSettings } from "../support/render-settings";
import { testWith } from "../support/requirements";
import { problemsOf } from "./settings-support";

/** The script that runs before a worker's pod is stopped, beside workers that do what OpenChecker's code does. */
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const withPython = testWith("python3", hasPython);

/** Of this run alone: the script looks at all processes of the machine. */
const PROGRAM = `openchecker/agent-under-test-${process.pid}.py`;

let folder: string;
let broker: Server;
let elsewhere: Server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "worker-"));
  mkdirSync(join(folder, "openchecker"));
  [broker, elsewhere] = [createServer().listen(0, "127.0.0.1"), createServer().listen(0, "127.0.0.1")];
  await Promise.all([broker, elsewhere].map((server) => server.listening || once(server, "listening")));
});

afterAll(() => {
  broker.close();
  elsewhere.close();
  rmSync(folder, { recursive: true });
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;

const prelude = [
  "import socket, subprocess, time",
  "def connect(port):",
  '    return socket.create_connection(("127.0.0.1", port))',
  "def compute(seconds):",
  "    end = time.process_time() + seconds",
  "    while time.process_time() < end:",
  "        pass",
];

/** In a task: from here on the worker may be stopped. */
const UP = 'print("up", flush=True)';

/** Runs a worker and stops it. Gives what it printed until it ended, and the exit code of the script. */
async function stopped(task: readonly string[], idleSeconds: number) {
  const lines = [...prelude, `broker = connect(${portOf(broker)})`, ...task];
  writeFileSync(join(folder, PROGRAM), [...lines, 'print("done", flush=True)', "time.sleep(600)"].join("\n"));
  const worker = spawn("python3", ["-u", PROGRAM], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  const output: string[] = [];
  worker.stdout.on("data", (text: Buffer) => output.push(text.toString()));
  const ended = once(worker, "close"); // all that it printed is read then
  await once(worker.stdout, "data");
  const script = ["-c", STOP_WHEN_IDLE, PROGRAM, String(portOf(broker)), String(idleSeconds)];
  const [exitCode] = (await once(spawn("python3", script, { stdio: "ignore" }), "close")) as [number | null];
  await ended;
  return { output: output.join(""), exitCode };
}

withPython.each([
  ["runs a tool that says nothing", 1, ['tool = subprocess.Popen(["sleep", "3"])', UP, "tool.wait()"]],
  ["computes by itself", 1, [UP, "compute(3)"]],
  ["waits for an answer", 1, ["answer = connect(ELSEWHERE)", UP, "time.sleep(3)", "answer.close()"]],
  ["sleeps between two steps", 3, [UP, "for step in range(15):", "    compute(0.05)", "    time.sleep(0.3)"]],
])("a worker that %s is let finish its task", async (_, idleSeconds, task) => {
  const lines = task.map((line) => line.replace("ELSEWHERE", String(portOf(elsewhere))));
  expect(await stopped(lines, idleSeconds)).toEqual({ output: "up\ndone\n", exitCode: 0 });
});

withPython("an idle worker is stopped, whatever tool of its last task was never asked how it ended", async () => {
  const idle = ["tool = subprocess.Popen(['true'])", UP, "time.sleep(600)"];
  expect(await stopped(idle, 1)).toEqual({ output: "up\n", exitCode: 0 });
});

withPython("the script ends well when there is no worker any more", () => {
  expect(spawnSync("python3", ["-c", STOP_WHEN_IDLE, "no-such-program.py", "5672", "1"]).status).toBe(0);
});

test("the pod gives an idle worker the time that the script needs, however short its tasks are", async () => {
  const shortest = 2 * IDLE_SECONDS;
  const manifests = await renderSettings({ openchecker: { agents: { terminationGraceSeconds: shortest } } });
  expect(find(manifests, "Deployment", "openchecker-agent")).toMatchObject({
    spec: { template: { spec: { terminationGracePeriodSeconds: shortest } } },
  });
  const problems = problemsOf({ openchecker: { agents: { terminationGraceSeconds: shortest - 1 } } });
  expect(problems.map(({ path }) => path)).toEqual(["platform:openchecker.agents.terminationGraceSeconds"]);
});
