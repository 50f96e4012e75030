const { existsSync, readdirSync, realpathSync } = require("node:fs");
const { readFile } = require("node:fs/promises");
const { dirname, extname, join, relative, resolve, sep } = require("node:path");

/** What can be asked for beside the commands, which are all files of `cli`. */
const ENTRIES = {
  complete: ["sandbox/providers/main", "sandbox/prepare", "sandbox/servers/fetch-maven-archive", "bench/run-stack"],
  hosted: ["index"],
};

/** Taken from `node_modules` as they are: what loads modules itself, and what is large and seldom needed. */
const EXTERNAL = ["esbuild", "tsx", "tsx/*", "@kubernetes/client-node"];

/** Of a `hosted` bundle: the process that it is loaded into has its own copy already. */
const HOST = ["@pulumi/pulumi", "@pulumi/pulumi/*"];

/** Loaded when something of them is used: the SDK needs them for functions that it serialises, which nobody here has. */
const LATE = ["typescript", "@npmcli/arborist"];

/**
 * Bundles the repository's modules with what they need. Loading the bundle runs none of them, only asking for an entry does.
 * @returns {Promise<{ code: string, map: string }>}
 * @throws with the places when a source cannot be understood
 */
async function build(root, variant) {
  const esbuild = require("esbuild");
  const packages = realpathSync(join(root, "node_modules"));
  const contents = entriesOf(root, variant)
    .map((entry) => `exports["${entry}"] = () => require("./${entry}");`)
    .join("\n");
  try {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: root,
      stdin: { contents, resolveDir: root, loader: "js" },
      outfile: join(root, "bundle.js"), // where it is not written to, but what paths are relative to
      write: false,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20.19",
      // V8's kept code forgets how `import()` finds a package. Node's `require` can load ES modules.
      supported: { "dynamic-import": false },
      charset: "ascii", // V8 keeps such text in half the memory, and reads it faster
      sourcemap: "external",
      sourcesContent: false,
      legalComments: "none",
      logLevel: "silent",
      external: [...EXTERNAL, ...(variant === "hosted" ? HOST : [])],
      plugins: [ownPlaces(root, packages), late],
    });
    const [code, map] = [".js", ".map"].map((extension) => outputFiles.find(({ path }) => extname(path) === extension));
    return { code: code.text, map: movableMap(map.text, root, packages) };
  } catch (error) {
    error.stack = error.message; // it has the places in the sources; those of the bundler say nothing
    throw error;
  }
}

function entriesOf(root, variant) {
  const commands = readdirSync(join(root, "cli"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `cli/${file.slice(0, -".ts".length)}`);
  const all = [...(variant === "complete" ? commands : []), ...ENTRIES[variant]];
  return all.filter((entry) => existsSync(join(root, `${entry}.ts`)));
}

/**
 * Modules read files beside them (scripts, SQL), so each keeps its own `__dirname`. It begins with a variable that the
 * bundle gets when it is loaded, since checkouts with equal sources share a bundle.
 */
function ownPlaces(root, packages) {
  const place = (path) => {
    const [variable, base] = isBelow(packages, path) ? ["__packages", packages] : ["__root", root];
    return `${variable} + ${JSON.stringify(`/${slashes(relative(base, path))}`)}`;
  };
  return {
    name: "own-places",
    setup({ onLoad }) {
      onLoad({ filter: /\.[cm]?[jt]s$/, namespace: "file" }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        const places = /\b__(?:dirname|filename)\b/.test(text)
          ? `var __filename = ${place(path)}, __dirname = ${place(dirname(path))};` // no line of its own: they are counted
          : "";
        // The maps of packages lead to sources that are not published.
        const code = places + withoutPromiseTraces(text, path).replace(/^\/\/# sourceMappingURL=.*/gm, "");
        return { contents: code, loader: loaderOf(path) };
      });
    },
  };
}

/** The SDK takes a stack trace with every promise, for a report of leaks that only `PULUMI_DEBUG_PROMISE_LEAKS` asks for. */
function withoutPromiseTraces(text, path) {
  if (!path.endsWith(join("@pulumi", "pulumi", "runtime", "debuggable.js"))) return text;
  return text.replace("new Error().stack", "exports.debugPromiseLeaks ? new Error().stack : undefined");
}

function loaderOf(path) {
  return /\.[cm]?ts$/.test(path) ? "ts" : "js";
}

const late = {
  name: "late",
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(?:${LATE.join("|")})$`);
    onResolve({ filter, namespace: "file" }, ({ path }) => ({ path, namespace: "late" }));
    onResolve({ filter, namespace: "late" }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /^/, namespace: "late" }, ({ path }) => ({
      contents: `
        let real;
        function get(_, key) {
          if (key === "__esModule") return true; // so that nobody copies what is in it
          real ??= require(${JSON.stringify(path)});
          return key === "default" && !real.__esModule ? real : real[key];
        }
        module.exports = new Proxy({}, { get });`,
    }));
  },
};

/** Names the sources by their paths below the checkout, wherever that is. */
function movableMap(text, root, packages) {
  const map = JSON.parse(text);
  const sources = map.sources.map((source) => {
    const path = resolve(root, source);
    return slashes(isBelow(packages, path) ? join("node_modules", relative(packages, path)) : relative(root, path));
  });
  return JSON.stringify({ ...map, sources });
}

function isBelow(folder, path) {
  return path.startsWith(folder + sep);
}

function slashes(path) {
  return path.replaceAll(sep, "/");
}

module.exports = { build };
