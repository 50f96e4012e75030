const { createRequire, Module } = require("node:module");
const { join, sep } = require("node:path");
const { compileFunction } = require("node:vm");
const { default: IsolatedRuntime } = require("jest-runtime");

/** What is below here is loaded anew for every test file; everything else is shared. */
const TESTS = join(__dirname, "..", "..") + sep;

/** Source maps of the shared modules, by path. */
const sourceMaps = new Map();

/**
 * Loads the program and the packages once for all test files of a worker. By default Jest loads everything anew for
 * each file, which took most of the time of the unit tests.
 */
class Runtime extends IsolatedRuntime {
  constructor(config, environment, resolver, transformer, ...others) {
    super(config, environment, resolver, transformer, ...others);
    this.sharesModules = environment.sharesModules === true;
    if (!this.sharesModules) return;
    transpileShared(transformer);
    // Jest compiles for the context of a test file; here that is the process itself.
    this.executor.compile = (source, filename) =>
      compileFunction(source, this.executor.injectedModuleParameters, { filename });
  }

  requireModule(from, moduleName, options, isRequireActual) {
    if (this.sharesModules && moduleName !== undefined && !options?.isInternalModule) {
      if (this._resolution.isCoreModule(moduleName)) return createRequire(from)(moduleName);
      const path = this._resolution.resolveCjs(from, moduleName);
      if (!path.startsWith(TESTS)) return requireShared(path);
    }
    return super.requireModule(from, moduleName, options, isRequireActual);
  }

  getSourceMaps() {
    const own = super.getSourceMaps();
    if (!this.sharesModules) return own;
    return { get: (path) => own.get(path) ?? sourceMaps.get(path), [Symbol.iterator]: () => own[Symbol.iterator]() };
  }
}

let promisesAreCheap = false;

function requireShared(path) {
  const exports = require(path);
  if (!promisesAreCheap) promisesAreCheap = withoutStackPerPromise(require.cache[PULUMI_PROMISES]?.exports);
  return exports;
}

const PULUMI_PROMISES = require.resolve("@pulumi/pulumi/runtime/debuggable");

/** Pulumi's SDK writes down a stack for each of its promises, for a debugging aid that is off: a quarter of a render's time. */
function withoutStackPerPromise(promises) {
  if (promises === undefined) return false; // the SDK is not loaded yet
  const { debuggablePromise } = promises;
  promises.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
  return true;
}

/** Lets `require` of this process load TypeScript with Jest's transformer and its cache. */
function transpileShared(transformer) {
  if (Module._extensions[".ts"]?.ofTests) return;
  const load = (module, filename) => {
    const { code, sourceMapPath } = transformer.transform(filename, TRANSFORM_OPTIONS);
    if (sourceMapPath) sourceMaps.set(filename, sourceMapPath);
    module._compile(code, filename);
  };
  load.ofTests = true;
  Module._extensions[".ts"] = load;
}

const TRANSFORM_OPTIONS = {
  isInternalModule: false,
  supportsDynamicImport: false,
  supportsExportNamespaceFrom: false,
  supportsStaticESM: false,
  supportsTopLevelAwait: false,
  changedFiles: undefined,
  collectCoverage: false,
  collectCoverageFrom: [],
  coverageProvider: "v8",
  sourcesRelatedToTestsInChangedFiles: undefined,
};

module.exports = Runtime;
