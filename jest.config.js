/** Transpiles with swc: the type check is a step of its own (`npm run typecheck`). Test files share what they load. */
module.exports = {
  testEnvironment: "<rootDir>/test/support/jest/environment.cjs",
  runtime: "<rootDir>/test/support/jest/runtime.cjs",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.sandbox"],
  // Jest's default leaves one processor alone, half of a small machine.
  maxWorkers: "100%",
  // For every test and hook. It only ends what would never end: nothing may depend on how fast the machine is.
  testTimeout: 600_000,
  setupFiles: ["<rootDir>/test/support/quiet-warnings.ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
};
