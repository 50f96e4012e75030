const { SourceMap } = require("node:module");
const { join } = require("node:path");

/** Bundles of this process by the name that stack traces have for them. */
const bundles = new Map();

/**
 * Pulumi's SDK asks for a stack trace with every promise and every resource, to have it for messages that nobody sees;
 * that takes longer than the program itself. And the places would go into the state, which changes with every line then.
 */
const SDK_TRACES = new Set(["debuggablePromise", "callsites"]);

/**
 * Stack traces name the lines of the TypeScript sources. The source map is read when the first error shows its stack.
 * @param {import("./store").Build} build
 */
function readableStackTraces(build, root) {
  bundles.set(build.name, { root, build });
  Error.prepareStackTrace = (error, sites) => {
    const isForSdk = SDK_TRACES.has(sites[0]?.getFunctionName()?.split(".").at(-1));
    return isForSdk ? "" : [headline(error), ...sites.map((site) => `    at ${frame(site)}`)].join("\n");
  };
}

function headline(error) {
  try {
    return String(error);
  } catch {
    return "Error"; // as Node has it for an error that cannot be shown
  }
}

function frame(site) {
  const text = String(site);
  const bundle = bundles.get(site.getFileName());
  const place = bundle && sourcePlace(bundle, site.getLineNumber(), site.getColumnNumber());
  return place === undefined ? text : text.replace(/\bbundle-\w+\.js:\d+:\d+/, () => place);
}

function sourcePlace(bundle, line, column) {
  bundle.map ??= new SourceMap(JSON.parse(bundle.build.map() ?? '{"version":3,"sources":[],"mappings":""}'));
  const { originalSource, originalLine, originalColumn } = bundle.map.findEntry(line - 1, column - 1);
  return originalSource && `${join(bundle.root, originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
}

module.exports = { readableStackTraces };
