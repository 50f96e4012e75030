const { readFileSync } = require("node:fs");
const { LegacyFakeTimers, ModernFakeTimers } = require("@jest/fake-timers");
const { TestEnvironment: IsolatedEnvironment } = require("jest-environment-node");
const { ModuleMocker } = require("jest-mock");

/** Calls of jest that need modules of their own: such a file is run as Jest does it by default. */
const NEEDS_OWN_MODULES =
  /\bjest\s*\.\s*(?:mock|doMock|unmock|dontMock|setMock|isolateModules|isolateModulesAsync|resetModules|unstable_\w+|createMockFromModule)\b/;

/** Frames of a stack that are kept. Jest's own 100 cost time, and nobody reads that far. */
const STACK_FRAMES = 12;

/**
 * Where test files run: in the process itself instead of in a context of their own, so that the files of one worker can
 * share what is loaded once (`runtime.cjs`). What a file changes of the process is put back after it: variables of the
 * environment, globals, listeners, the working directory.
 */
class SharedEnvironment {
  sharesModules = true;
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);

  constructor({ projectConfig }) {
    const { global, moduleMocker } = this;
    const timerConfig = { idToRef: (id) => id, refToId: (timer) => timer };
    this.fakeTimers = new LegacyFakeTimers({ config: projectConfig, global, moduleMocker, timerConfig });
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global });
    this.before = processState();
    // Not `global` itself: what Jest's configuration wants to be global is none of ours.
    Object.assign(globalThis, projectConfig.globals);
  }

  async setup() {
    Error.stackTraceLimit = STACK_FRAMES;
  }

  async teardown() {
    this.fakeTimers.dispose();
    this.fakeTimersModern.dispose();
    this.before.restore();
  }

  exportConditions() {
    return ["node", "node-addons"];
  }

  /** There is none; Jest takes "nothing" for an environment that is torn down. */
  getVmContext() {
    return globalThis;
  }
}

/** Symbols of Jest's libraries for what they keep in globals: its state, its matchers. */
const JEST_KEY = /^Symbol\(.*(jest|EVENT_HANDLERS|RETRY_|LOG_ERRORS_|WAIT_BEFORE_RETRY|TEST_TIMEOUT)/i;

function processState() {
  const globals = Object.getOwnPropertyDescriptors(globalThis);
  const environment = { ...process.env };
  const directory = process.cwd();
  const { exitCode, exit } = process;
  const events = process.eventNames().map((name) => [name, process.rawListeners(name)]);
  const { stackTraceLimit } = Error;
  return {
    restore() {
      for (const key of Reflect.ownKeys(globalThis)) {
        // Jest's own. Others belong to shared modules: Pulumi's SDK has its state there.
        if (!Object.hasOwn(globals, key) && JEST_KEY.test(String(key))) delete globalThis[key];
      }
      for (const key of Reflect.ownKeys(globals)) {
        const { value, writable } = globals[key];
        if (writable && globalThis[key] !== value) globalThis[key] = value;
      }
      for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
      Object.assign(process.env, environment);
      if (process.cwd() !== directory) process.chdir(directory);
      Object.assign(process, { exitCode, exit });
      const known = new Map(events);
      for (const name of process.eventNames()) {
        for (const listener of process.rawListeners(name)) {
          if (!known.get(name)?.includes(listener)) process.off(name, listener);
        }
      }
      Error.stackTraceLimit = stackTraceLimit;
    },
  };
}

/** Their files start clusters and servers, which takes far longer than to load modules. */
const GROUPS_WITH_OWN_MODULES = /\/test\/(?:engine|servers|node)\//;

module.exports = class Environment {
  constructor(config, context) {
    const { testPath } = context;
    const isAlone = GROUPS_WITH_OWN_MODULES.test(testPath) || NEEDS_OWN_MODULES.test(readFileSync(testPath, "utf8"));
    // biome-ignore lint/correctness/noConstructorReturn: Jest knows one class for all files
    return isAlone ? new IsolatedEnvironment(config, context) : new SharedEnvironment(config);
  }
};
