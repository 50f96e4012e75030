import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkIdentity, clusterTarget } from "../../sandbox/engine/target";

const folder = mkdtempSync(join(tmpdir(), "platform-target-"));
const kubeconfig = join(folder, "kubeconfig");
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  writeFileSync(
    kubeconfig,
    `current-context: test
contexts:
- { name: test, context: { cluster: test-cluster, user: me } }
- { name: production, context: { cluster: production-cluster, user: me } }
- { name: broken, context: { cluster: nowhere } }
clusters:
- { name: test-cluster, cluster: { server: "https://test:6443" } }
- { name: production-cluster, cluster: { server: "https://production:6443" } }
users:
- { name: me, user: { token: hunter2 } }
`,
  );
});

test("finds the API server of the context that is asked for, not of the current one", () => {
  expect(clusterTarget(kubeconfig, "production")).toEqual({
    kind: "cluster",
    kubeconfig,
    context: "production",
    server: "https://production:6443",
  });
});

test.each([
  [undefined, "production", /--kubeconfig is missing/],
  [kubeconfig, undefined, /--context is missing/],
  [kubeconfig, "prod", /no context "prod". It has: test, production, broken/],
  [kubeconfig, "broken", /names no cluster/],
  [join(folder, "absent"), "production", /cannot be read/],
])("refuses kubeconfig %s with context %s", (path, context, message) => {
  expect(() => clusterTarget(path, context)).toThrow(message);
});

test.each([
  ["users: [{ token: hunter2", /not valid YAML/],
  ["hunter2", /not a kubeconfig/],
])("never quotes a kubeconfig that it cannot understand", (text, message) => {
  writeFileSync(kubeconfig, text);
  expect(() => clusterTarget(kubeconfig, "production")).toThrow(message);
  expect(() => clusterTarget(kubeconfig, "production")).not.toThrow(/hunter2/);
});

describe("the stack names its cluster", () => {
  const target = () => clusterTarget(kubeconfig, "production");

  test("the same context and server are accepted, however the address is written", () => {
    expect(() => checkIdentity("prod", { context: "production" }, target())).not.toThrow();
    expect(() =>
      checkIdentity("prod", { context: "production", server: "https://PRODUCTION:6443/" }, target()),
    ).not.toThrow();
  });

  test("another context is refused with both names", () => {
    expect(() => checkIdentity("prod", { context: "test" }, target())).toThrow(
      /belongs to the context "test".*--context is "production".*Nothing has been touched/,
    );
  });

  test("another server behind a context of the same name is refused", () => {
    const identity = { context: "production", server: "https://other:6443" };
    expect(() => checkIdentity("prod", identity, target())).toThrow(/https:\/\/other:6443.*https:\/\/production:6443/);
  });

  test("a stack that names none is refused with the line to add", () => {
    expect(() => checkIdentity("prod", undefined, target())).toThrow(/platform:cluster: \{ context: production \}/);
  });
});
