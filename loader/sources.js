const { createHash } = require("node:crypto");
const { existsSync, readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

/** Where the repository's own modules are; what lies elsewhere (tests, documents) is never part of a bundle. */
const SOURCES = ["index.ts", "bench", "catalog", "cli", "components", "policy", "sandbox", "stacks", "tsconfig.json"];

/** npm's own list of what is really installed. Who changes a package by hand sees it with `PLATFORM_LOADER=tsx`. */
const PACKAGES = "node_modules/.package-lock.json";

/**
 * What a bundle depends on, as one word: two checkouts with equal sources and packages have the same. All sources count,
 * not only those of the last build: a new file can take the place of another one.
 */
function sourceKey(root, variant) {
  const hash = createHash("sha256");
  const add = (folder, path) => {
    const content = readFileSync(join(folder, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  };
  hash.update(`${variant}\0`);
  for (const file of readdirSync(__dirname).sort()) add(__dirname, file); // how it is built
  if (existsSync(join(root, PACKAGES))) add(root, PACKAGES);
  for (const path of sourceFiles(root)) add(root, path);
  return hash.digest("hex").slice(0, 32);
}

/** Paths below the checkout, in a fixed order. */
function sourceFiles(root) {
  const files = [];
  const visit = (folder, entries) => {
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) visit(path, readdirSync(join(root, path), { withFileTypes: true }));
      else if (/\.(?:[cm]?[jt]s|json)$/.test(entry.name)) files.push(path);
    }
  };
  visit(
    "",
    readdirSync(root, { withFileTypes: true }).filter(({ name }) => SOURCES.includes(name)),
  );
  return files;
}

module.exports = { sourceFiles, sourceKey };
