const { realpathSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { cachedDataVersionTag, setFlagsFromString } = require("node:v8");
const { Script } = require("node:vm");
const { readChecked, writeChecked } = require("./store");

/**
 * Runs a bundle, with the code that V8 made of it in an earlier run: compiling is half of what loading costs. That code
 * holds what the earlier run called, so it is kept for each use by itself, and only from runs that went well.
 * @param {import("./store").Build} build
 * @returns {Record<string, () => any>} what loads each entry
 */
function evaluate(build, root, use) {
  // V8 would forget functions that are called once, which is what loading consists of.
  setFlagsFromString("--no-flush-bytecode");
  const codeFile = join(build.folder, `${use.replaceAll("/", "-")}.${cachedDataVersionTag().toString(16)}.v8`);
  const cachedData = readChecked(codeFile);
  const begin = "(function (exports, require, module, __root, __packages) {";
  const script = new Script(`${begin}${build.code}\n})`, {
    filename: build.name,
    columnOffset: -begin.length,
    cachedData,
  });
  if (cachedData === undefined || script.cachedDataRejected) {
    process.once("exit", (code) => {
      if (code === 0) writeChecked(codeFile, script.createCachedData());
    });
  }
  const module = { exports: {} };
  const require = createRequire(join(root, "package.json"));
  script.runInThisContext()(module.exports, require, module, root, realpathSync(join(root, "node_modules")));
  return module.exports;
}

module.exports = { evaluate };
