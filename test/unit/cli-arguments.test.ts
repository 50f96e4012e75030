import { chooseStateTarget, readArguments, runOptions } from "../../cli/shared/stack-options";
import { UserError } from "../../sandbox/user-error";

const read = (...args: string[]) => readArguments(args, "HELP\n", ["target", "parallel", "expect-no-changes"]);

test("works on stack dev of the embedded cluster with providers of its choice unless told otherwise", () => {
  expect(read()?.choice).toEqual({ stack: "dev", kubeconfig: undefined, context: undefined, providers: "auto" });
});

test("passes the engine's options on", () => {
  const values = read("--target", "a", "--target", "b", "--parallel", "4", "--expect-no-changes")?.values ?? {};
  expect(runOptions(values)).toEqual({ targets: ["a", "b"], parallel: 4, expectNoChanges: true });
});

test("prints the help and nothing else", () => {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  expect(read("--help", "--stack", "prod")).toBeUndefined();
  expect(write.mock.calls).toEqual([["HELP\n"]]);
  write.mockRestore();
});

test.each([
  [["--stak", "prod"], /Unknown option '--stak'/],
  [["--stack"], /argument missing/],
  [["--show-secrets"], /no option --show-secrets/],
  [["prod"], /"prod" is one word too many/],
  [["--providers", "own"], /official, builtin, auto/],
  [["--stack", "../x"], /not a name of a stack/],
])("refuses %j with a hint", (args, message) => {
  expect(() => read(...args)).toThrow(UserError);
  expect(() => read(...args)).toThrow(message);
});

test("refuses a number that is none", () => {
  expect(() => runOptions(read("--parallel", "many")?.values ?? {})).toThrow(/--parallel takes a whole number/);
});

test("reading the state of the embedded cluster does not start it", () => {
  const choice = { stack: "dev", kubeconfig: undefined, context: undefined, providers: "auto" } as const;
  expect(chooseStateTarget(choice)).toMatchObject({ kind: "sandbox", context: "platform-sandbox" });
});
