/**
 * Starts a command of this repository: `node cli/launch.mjs <command> [arguments]`, which is what the npm scripts run.
 * Plain JavaScript without dependencies, because it has to work in a clone that has no node_modules yet.
 */
import { spawn } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

/** Every command with the line that the overview shows. `cli/<name>.ts` exports the function of the same name (or as default). */
const commands = {
  start: "bring the platform up on the embedded cluster (or on yours) and show what runs where",
  test: "everything that CI checks: types, lint, unit, golden, policy, servers, engine and node tests",
  render: "print every Kubernetes object of a stack as YAML, without a cluster",
  diff: "show what a change does to each stack, without a cluster",
  graph: "show which pods of a stack may talk to whom, as a Mermaid picture",
  settings: "explain every setting of a stack file",
  docs: "bring the pages that are made from the program up to date",
  preview: "show what `up` would change",
  up: "create or update the objects of a stack",
  refresh: "read the real objects into the state of a stack",
  destroy: "delete the objects of a stack",
  import: "take one existing object into the state of a stack",
  output: "print the outputs of a stack",
  status: "show what of a stack runs where, and what is not ready and why",
  sandbox: "the embedded cluster by itself: up, down, status, kubeconfig, reset",
  bench: "measure the platform beside kubectl and helm",
};

/** Errors that tell the user what to do, by their `name`; Pulumi's RunError is known by a mark instead. */
const userErrors = new Set(["UserError", "MissingToolsError", "ClusterStartError"]);

/** Commands that do nothing but print. */
const printing = new Set(["render", "diff", "graph", "settings", "output", "status"]);

// The reader may have seen enough, as in `npm run render | head`. Any other command has not done its work then; it ends
// as a shell has it for a program that writes into a closed pipe.
process.stdout.on("error", (error) =>
  process.exit(error.code !== "EPIPE" ? 1 : printing.has(process.argv[2]) ? 0 : 141),
);
// What nobody waits for, such as a function on an Output. While the engine runs, Pulumi's SDK has a listener that reports it.
process.on("uncaughtException", (error) => {
  if (process.listenerCount("uncaughtException") > 1) return;
  process.stderr.write(explain(error));
  process.exit(1);
});
const exitCode = await main(process.argv.slice(2));
// What is on its way into a pipe would be lost by an exit: `npm run render | less` would end after 64 KiB.
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(exitCode);

function flushed(stream) {
  return new Promise((resolve) => stream.write("", resolve));
}

async function main([command, ...args]) {
  if (command === undefined || command === "--help" || command === "-h") {
    process.stdout.write(overview());
    return command === undefined ? 2 : 0;
  }
  if (!Object.hasOwn(commands, command)) {
    process.stderr.write(`There is no command ${JSON.stringify(command)}.\n\n${overview()}`);
    return 2;
  }
  try {
    checkNodeVersion();
    await installPackages();
    const { load } = require("../loader/load.js");
    const asksForHelp = args.includes("--help") || args.includes("-h");
    const module = await load(`cli/${command}`, { root, use: asksForHelp ? `${command}-help` : command });
    return await (module[command] ?? module.default)(args);
  } catch (error) {
    process.stderr.write(explain(error));
    return 1;
  }
}

function overview() {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    "Commands (`npm start`, `npm test`, `npm run <command>`; give options after `--`):",
    ...lines,
    "`npm run <command> -- --help` explains one command.",
    "",
  ].join("\n");
}

/** What the user reads when a command fails: known failures by their message, defects with the stack. */
function explain(error) {
  const clearLiveLine = process.stderr.isTTY ? "\r\u001b[2K" : "";
  if (userErrors.has(error?.name) || error?.__pulumiRunError) return `${clearLiveLine}error: ${error.message}\n`;
  const stack = error instanceof Error ? error.stack : String(error);
  return `${clearLiveLine}${stack}\n\nThis is a defect of the program, not of your input. Please report it with the lines above.\n`;
}

function userError(message) {
  return Object.assign(new Error(message), { name: "UserError" });
}

function readJson(...path) {
  return JSON.parse(readFileSync(join(root, ...path), "utf8"));
}

function checkNodeVersion() {
  const [needMajor, needMinor] = readJson("package.json").engines.node.match(/\d+/g).map(Number);
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw userError(
    `Node ${needMajor}.${needMinor} or newer is needed, this is ${process.versions.node} (${process.execPath}). ` +
      `Install it from https://nodejs.org or run \`nvm install\`, which reads .nvmrc.`,
  );
}

/** Installs exactly what package-lock.json says, unless node_modules already holds it. */
async function installPackages() {
  if (packagesAreCurrent()) return;
  const unlock = await lockInstallation();
  try {
    if (packagesAreCurrent()) return; // another run has just installed them
    process.stderr.write("Installing the npm packages of package-lock.json (npm ci) ...\n");
    const began = Date.now();
    // Standard output belongs to the command (YAML of `render`, for example), so npm gets standard error.
    const npm = spawn("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
      cwd: root,
      stdio: ["ignore", 2, 2],
    });
    const code = await new Promise((resolve, reject) => {
      npm.once("error", (error) => reject(userError(`npm cannot be started (${error.message}). Is it on PATH?`)));
      npm.once("exit", resolve);
    });
    if (code !== 0) {
      throw userError(
        "`npm ci` failed, its own message is above. Check that the npm registry can be reached " +
          "(`npm ping`), then run the command again.",
      );
    }
    process.stderr.write(`Installed the npm packages in ${Math.round((Date.now() - began) / 1000)} s.\n`);
  } finally {
    unlock();
  }
}

/** npm keeps a list of what it has really installed; compared package by package with the lockfile. */
function packagesAreCurrent() {
  if (!existsSync(join(root, "node_modules", ".package-lock.json"))) return false;
  const wanted = readJson("package-lock.json").packages;
  const installed = readJson("node_modules", ".package-lock.json").packages;
  const same = (path) => installed[path]?.version === wanted[path].version;
  // Optional packages are there for some operating systems only.
  return Object.keys(wanted).every((path) => path === "" || wanted[path].optional || same(path));
}

/** Two runs in one checkout must not install at the same time. The lock lies outside node_modules, which npm deletes. */
async function lockInstallation() {
  const file = join(root, ".sandbox", "npm-install.lock");
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 }); // keys and state will be in it
  for (let waiting = false; !takeLock(file); ) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    if (text === undefined) continue; // just released
    const owner = Number(text);
    if (!(owner > 0 && isRunning(owner))) {
      removeStaleLock(file, text);
      continue;
    }
    if (!waiting) {
      process.stderr.write(`Waiting for another run (process ${owner}) to install the packages; its lock: ${file}\n`);
    }
    waiting = true;
    await sleep(500);
  }
  return () => rmSync(file, { force: true });
}

/** Makes the lock together with its content, so that nobody ever sees one without an owner. */
function takeLock(file) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Of several runs that find the lock of a killed one, the second must not remove the new lock of the first. */
function removeStaleLock(file, stale) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === "ENOENT") return; // another run was quicker
    throw error;
  }
  if (readFileSync(aside, "utf8") === stale) rmSync(aside);
  else renameSync(aside, file);
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
