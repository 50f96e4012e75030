import { RunError } from "@pulumi/pulumi";
import { describeFailure, type FailedRun } from "../../sandbox/engine/failure-report";
import { PulumiCommandFailed } from "../../sandbox/engine/pulumi-command";
import type { Failure } from "../../sandbox/engine/run-record";

function describeRun(failures: Failure[], stderr = "", more: Partial<FailedRun> = {}): string {
  return describeFailure({
    operation: "up",
    stack: "dev",
    error: new PulumiCommandFailed(["up"], "", stderr, 255),
    interrupted: false,
    record: { failures },
    programError: undefined,
    ...more,
  });
}

test("shows each failed resource with its messages, without the engine's echo", () => {
  const report = describeRun([
    { label: "Deployment openchecker/main", messages: ["error: image a:1 cannot be pulled\n  not found"] },
    { label: undefined, messages: ["update failed"] },
  ]);
  expect(report).toBe(
    "up of stack dev failed: 1 resource.\n\nDeployment openchecker/main\n  image a:1 cannot be pulled\n    not found",
  );
});

test("falls back to the error output when the engine did not come to a resource", () => {
  expect(describeRun([], "error: incorrect passphrase\n")).toBe("up of stack dev failed: incorrect passphrase");
});

test("shows the program's own message if it is meant for users", () => {
  const programError = new RunError("platform:openchecker.agents: replicas is 0, allowed are 1 to 50");
  const engine: Failure = { label: undefined, messages: ["Running program failed with an unhandled exception: stack"] };
  expect(describeRun([engine], "", { programError })).toBe(programError.message);
});

test("an interrupted run says how to go on", () => {
  expect(describeRun([], "error: update canceled", { interrupted: true })).toMatch(/interrupted.*same command again/);
});

test("a stack that is in use names the way out", () => {
  expect(describeRun([], "error: the stack is currently locked by 1 lock(s)")).toMatch(/--recover/);
});

test("a defect is not dressed up as the user's failure", () => {
  const defect = new TypeError("x is not a function");
  expect(() => describeRun([], "", { error: defect })).toThrow(defect);
});
