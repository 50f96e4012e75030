const { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { crc32 } = require("node:zlib");

/**
 * What was built before, a folder for each key. npm removes it together with the packages. Two processes may build the
 * same at once: a file is complete as soon as it has its name, and it does not matter whose it is.
 */
const FOLDER = "node_modules/.cache/platform";

/** Who switches between branches should find their bundles again. Each takes about 20 MB. */
const KEPT = 8;

/**
 * @typedef {object} Build
 * @property {string} name of the bundle in stack traces before they are made readable. V8's kept code has it inside, and
 *   is shared by checkouts, so it is none of a file
 * @property {string} folder where it is kept, or would be
 * @property {string} code ASCII
 * @property {() => string | undefined} map the source map, as JSON
 */

/** @returns {Build | undefined} nothing if it was never built, or is damaged */
function findBuild(root, key) {
  const folder = join(root, FOLDER, key);
  const code = readChecked(join(folder, "bundle.js"));
  if (code === undefined) return undefined;
  return {
    name: nameOf(key),
    folder,
    code: code.toString("latin1"),
    map: () => readChecked(join(folder, "bundle.js.map"))?.toString(),
  };
}

/** @returns {Build} which works in this process even where it cannot be kept */
function keepBuild(root, key, { code, map }) {
  const folder = join(root, FOLDER, key);
  attempt(() => rmSync(folder, { recursive: true, force: true })); // what is there is damaged
  writeChecked(join(folder, "bundle.js.map"), Buffer.from(map));
  writeChecked(join(folder, "bundle.js"), Buffer.from(code)); // the last one: it is what a build is found by
  attempt(() => removeOld(dirname(folder)));
  return { name: nameOf(key), folder, code, map: () => map };
}

function nameOf(key) {
  return `bundle-${key}.js`;
}

/** @returns {Buffer | undefined} nothing if there is no such file, or it is not as it was written */
function readChecked(path) {
  let file;
  try {
    file = readFileSync(path);
  } catch {
    return undefined; // whatever is wrong with it: it can be made again
  }
  const content = file.subarray(CHECKSUM_BYTES);
  const isWhole = file.length >= CHECKSUM_BYTES && file.readUInt32LE() === crc32(content);
  return isWhole ? content : undefined;
}

const CHECKSUM_BYTES = 4;

/**
 * Whatever goes wrong (a checkout that belongs to somebody else, a full disk): the content is at hand, and the next run
 * makes it again.
 */
function writeChecked(path, content) {
  const draft = `${path}.${process.pid}.draft`;
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32LE(crc32(content));
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, Buffer.concat([checksum, content]));
    renameSync(draft, path);
  } catch {
    attempt(() => rmSync(draft, { force: true }));
  }
}

function removeOld(folder) {
  const age = (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newestFirst = readdirSync(folder)
    .map((name) => ({ name, age: age(name) }))
    .sort((a, b) => b.age - a.age);
  for (const { name } of newestFirst.slice(KEPT)) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function attempt(action) {
  try {
    action();
  } catch {
    // The cache stays as it is.
  }
}

module.exports = { findBuild, keepBuild, readChecked, writeChecked };
