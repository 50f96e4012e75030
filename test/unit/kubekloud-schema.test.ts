import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemaScript } from "../../components/kubekloud/api-pod";
import { testWith } from "../support/requirements";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const whenPython = testWith("python3", hasPython);

let folder: string;
const made = () => existsSync(join(folder, "made"));

/** Runs the schema Job's script beside an application. @param main the module that uvicorn serves */
function runBeside(main: string) {
  writeFileSync(join(folder, "main.py"), main);
  const { status, stderr } = spawnSync("python3", ["-B", "-c", schemaScript], { cwd: folder, encoding: "utf8" });
  return { status, lines: stderr.trimEnd().split("\n") };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "platform-schema-"));
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app/database.py"), "def init_db():\n    open('made', 'w').close()\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

whenPython("tables are made where the application can be imported", () => {
  expect(runBeside("app = object()\n")).toEqual({ status: 0, lines: [""] });
  expect(made()).toBe(true);
});

whenPython.each([
  ["NameError: name 'InstanceResponse' is not defined", "InstanceResponse\n"], // as upstream's image does
  ["ModuleNotFoundError: No module named 'nothing_of_the_kind'", "import nothing_of_the_kind\n"],
  ["ValueError: no message", "raise ValueError()\n"],
])("an image whose application cannot start fails in the Job already: %s", (reason, main) => {
  const { status, lines } = runBeside(main);
  expect(status).toBe(1);
  expect(lines[0]).toBe("Traceback (most recent call last):");
  expect(lines.at(-1)).toContain(`The application in this image cannot be imported (${reason})`);
  expect(lines.at(-1)).toContain("docs/kubekloud.md");
  expect(made()).toBe(false);
});
