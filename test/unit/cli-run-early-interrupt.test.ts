import type { OpenStack } from "../../sandbox/engine/open-stack";
import * as openStackModule from "../../sandbox/engine/open-stack";
import type { EngineProcess } from "../../sandbox/engine/pulumi-command";
import * as recoveryModule from "../../sandbox/engine/recovery";
import { type Operation, runStack } from "../../sandbox/engine/run";
import type { Target } from "../../sandbox/engine/target";
import { silentProgress } from "../../sandbox/progress";

jest.mock("../../sandbox/engine/open-stack");
jest.mock("../../sandbox/engine/recovery");

const openStack = jest.mocked(openStackModule.openStack);
const recoverInterruptedRun = jest.mocked(recoveryModule.recoverInterruptedRun);
const target: Target = { kind: "cluster", kubeconfig: "k", context: "production", server: "https://prod:6443" };

const signal = jest.fn();
const engine = { signal } as unknown as EngineProcess;
const up = jest.fn(async () => ({ outputs: {} }));
const close = jest.fn(async () => undefined);
const rememberProviders = jest.fn();
const opened = { stack: { up, preview: up }, engine, close, rememberProviders } as unknown as OpenStack;

const request = (operation: Operation) =>
  ({ operation, stack: "prod", target, providers: "builtin", progress: silentProgress }) as const;
const run = (operation: Operation = "up") => runStack(request(operation));

beforeEach(() => {
  jest.clearAllMocks();
  openStack.mockResolvedValue(opened);
  recoverInterruptedRun.mockResolvedValue();
});

test("Ctrl-C while plugins are installed ends the run at once, and the `pulumi` that installs them", async () => {
  let finishOpening: (open: OpenStack) => void = () => undefined;
  openStack.mockImplementation((_, needs) => {
    needs.onEngine?.(engine);
    return new Promise((resolve) => {
      finishOpening = resolve;
    });
  });
  const running = run();
  process.emit("SIGINT");
  await expect(running).rejects.toMatchObject({ interrupted: true, operation: "up" });
  expect(signal).toHaveBeenCalledWith("SIGINT");
  finishOpening(opened);
  await new Promise(setImmediate);
  expect({ ups: up.mock.calls.length, closed: close.mock.calls.length }).toEqual({ ups: 0, closed: 1 });
});

test("Ctrl-C while the state is repaired starts no operation, even when no `pulumi` was running", async () => {
  recoverInterruptedRun.mockImplementation(async () => {
    process.emit("SIGINT");
  });
  await expect(run()).rejects.toMatchObject({ interrupted: true });
  expect(up).not.toHaveBeenCalled();
  expect(close).toHaveBeenCalledTimes(1);
});

test("what cannot be opened is reported as it is, and Ctrl-C ends the process again", async () => {
  const before = process.listenerCount("SIGINT");
  const problem = new TypeError("x is not a function");
  openStack.mockRejectedValue(problem);
  await expect(run()).rejects.toBe(problem);
  expect(process.listenerCount("SIGINT")).toBe(before);
});

test("a stack is opened past the lock of another machine only with --recover", async () => {
  await run();
  expect(openStack).toHaveBeenLastCalledWith(expect.anything(), expect.objectContaining({ recover: false }));
  await runStack({ ...request("up"), target: { ...target, kind: "sandbox" }, options: { recover: true } });
  expect(openStack).toHaveBeenLastCalledWith(expect.anything(), expect.objectContaining({ recover: true }));
});

test("only a run that has made something settles which providers the stack keeps", async () => {
  const metadata = { op: "create", urn: "urn:pulumi:prod::platform::a:b:c::x", type: "a:b:c", provider: "p", new: {} };
  up.mockImplementation(async (...[options]: { onEvent(event: object): void }[]) => {
    options?.onEvent({ resOutputsEvent: { metadata } });
    return { outputs: {} };
  });
  await run("preview");
  expect(rememberProviders).not.toHaveBeenCalled();
  await run("up");
  expect(rememberProviders).toHaveBeenCalledTimes(1);
});
