/**
 * `node loader/run.js <module> [arguments]`: a module of this repository as a process of its own, for example
 * `sandbox/providers/main`. It sees its arguments where a program has them.
 */
const { load } = require("./load");

const [node, , entry, ...args] = process.argv;
process.argv = [node, entry, ...args];
load(entry).catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});
