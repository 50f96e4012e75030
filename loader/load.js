/**
 * Loads a TypeScript module of this repository: `load("cli/render")`. Plain JavaScript, and without a package until
 * something has to be built, because it is what makes TypeScript run.
 *
 * Transpiling and loading a thousand modules one by one takes seconds, so they are bundled once into one file, which is kept with
 * V8's code for it (`build.js`, `store.js`, `evaluate.js`) and found again by the content of the sources (`sources.js`).
 * `PLATFORM_LOADER=tsx` goes without all that: every module by itself, from the file that an editor or a debugger knows.
 */
const { dirname, join } = require("node:path");
const { evaluate } = require("./evaluate");
const { readableStackTraces } = require("./stack-traces");
const { findBuild, keepBuild } = require("./store");
const { sourceKey } = require("./sources");

/**
 * What a bundle holds of others' packages.
 * - `complete`: all of them, for processes that are ours from the beginning.
 * - `hosted`: all but Pulumi's SDK, which must be the one that the process has already loaded (a language host of Pulumi).
 */
const VARIANTS = ["complete", "hosted"];

/** One bundle per process and variant: two copies of a module would not know each other's state. */
const loaded = new Map();

/**
 * @param {string} entry path of the module below the checkout, without `.ts`
 * @param {{ root?: string, variant?: string, use?: string }} [options] `use`: what is done with it, where the same entry
 *   runs quite different code from time to time; the code that V8 keeps is that of the last such use
 * @returns {Promise<any>} what the module exports
 */
async function load(entry, { root = dirname(__dirname), variant = "complete", use = entry } = {}) {
  if (!VARIANTS.includes(variant)) throw new Error(`There is no variant ${variant}.`);
  if (process.env.PLATFORM_LOADER === "tsx") {
    require("tsx/cjs/api").register();
    return require(join(root, `${entry}.ts`));
  }
  const name = `${root}\0${variant}`;
  if (!loaded.has(name)) loaded.set(name, loadBundle(root, variant, use));
  const entries = await loaded.get(name);
  const enter = Object.hasOwn(entries, entry) ? entries[entry] : undefined;
  if (enter === undefined)
    throw new Error(`There is no ${entry}.ts below ${root}, or loader/build.js does not know it.`);
  return enter();
}

async function loadBundle(root, variant, use) {
  const key = sourceKey(root, variant);
  const build = findBuild(root, key) ?? keepBuild(root, key, await require("./build").build(root, variant));
  readableStackTraces(build, root);
  return evaluate(build, root, use);
}

module.exports = { load };
