import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "../../cli/start";
import * as clusterClient from "../../sandbox/engine/cluster-client";
import * as engineRun from "../../sandbox/engine/run";

jest.mock("../../sandbox/engine/cluster-client");
jest.mock("../../sandbox/engine/run");

const KUBECONFIG = `contexts: [{ name: production, context: { cluster: prod } }]
clusters: [{ name: prod, cluster: { server: "https://prod:6443" } }]
`;

test("a platform that is up stays a success when the cluster refuses to list what runs on it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "platform-start-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, KUBECONFIG);
  const none = { create: 0, update: 0, replace: 0, delete: 0, same: 1, read: 0, import: 0 };
  const type = "kubernetes:core/v1:Namespace";
  const change = { urn: "urn", type, label: "Namespace shop", kind: "same", properties: [] } as const;
  jest
    .mocked(engineRun.runStack)
    .mockResolvedValue({ counts: none, changes: [change], warnings: [], durationSeconds: 1, outputs: {} });
  const refusal = new Error("HTTP-Code: 403\nBody: a long answer");
  const list = () => Promise.reject(refusal);
  jest.mocked(clusterClient.connect).mockResolvedValue({ list, find: list, checkReachable: list });
  const printed: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, "write").mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
  }
  const code = await start(["--stack", "prod", "--kubeconfig", kubeconfig, "--context", "production", "--yes"]);
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
  expect(code).toBe(0);
  expect(printed.join("")).toMatch(
    /refused to list its objects: HTTP-Code: 403\n[\s\S]*npm run preview -- --stack prod/,
  );
  expect(printed.join("")).not.toContain("long answer");
});
