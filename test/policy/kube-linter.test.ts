import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { stringify } from "yaml";
import { checkManifests } from "../../policy/check";
import type { Manifest } from "../../policy/manifest";
import { NOT_ADOPTED, RULES } from "../../policy/registry";
import { describeWith } from "../support/requirements";
import { EXAMPLES } from "./examples";

/** What the real kube-linter says about one object. */
interface Report {
  readonly Check: string;
  readonly Object: {
    readonly Metadata: { readonly FilePath: string };
    readonly K8sObject: { readonly Name: string; readonly GroupVersionKind: { readonly Kind: string } };
  };
}

/** Where the platform knowingly demands less than the check of the same name. */
const LESS_STRICT: Readonly<Record<string, (kind: string) => boolean>> = {
  "no-liveness-probe": (kind) => kind === "Job" || kind === "CronJob",
  "no-readiness-probe": (kind) => kind === "Job" || kind === "CronJob",
};

/** Bytes; the reports hold the objects they are about. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;

// Needs the tool on the PATH: it proves parity, the behaviour of the rules is tested without it.
const installed = spawnSync("kube-linter", ["version"]).status === 0;

describeWith("kube-linter on PATH", installed)("the real kube-linter", () => {
  const directory = mkdtempSync(join(tmpdir(), "kube-linter-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  const checks: string[] = installed
    ? JSON.parse(kubeLinter("checks", "list", "--format", "json")).map(({ name }: { name: string }) => name)
    : [];

  test("has no check that the platform neither adopts nor declines with a reason", () => {
    const decided = [...RULES.map(({ name }) => name), ...Object.keys(NOT_ADOPTED)];
    expect(checks.filter((name) => !decided.includes(name))).toEqual([]);
  });

  test("finds nothing in the examples that the rule of the same name misses", () => {
    const stacks = EXAMPLES.flatMap(({ failing, passing }) => [failing, passing]);
    // One directory for each, because the tool looks for what an object refers to within its directory.
    stacks.forEach((manifests, index) => {
      mkdirSync(join(directory, String(index)));
      const documents = manifests.map((manifest) => stringify(JSON.parse(JSON.stringify(manifest))));
      writeFileSync(join(directory, String(index), "stack.yaml"), documents.join("---\n"));
    });
    const shared = checks.filter((name) => RULES.some((rule) => rule.name === name));
    const output = kubeLinter(
      "lint",
      directory,
      "--format",
      "json",
      "--do-not-auto-add-defaults",
      "--include",
      shared.join(),
    );
    const reports: readonly Report[] = JSON.parse(output).Reports ?? [];
    expect(reports.length).toBeGreaterThan(shared.length);

    const missed = reports
      .map(({ Check, Object: { Metadata, K8sObject } }) => ({
        check: Check,
        stack: Number(basename(dirname(Metadata.FilePath))),
        kind: K8sObject.GroupVersionKind.Kind,
        name: K8sObject.Name,
      }))
      .filter(({ check, stack, kind, name }) => !finds(stacks[stack] ?? [], check, kind, name))
      .filter(({ check, kind }) => LESS_STRICT[check]?.(kind) !== true);
    expect(missed).toEqual([]);
  });
});

function finds(manifests: readonly Manifest[], rule: string, kind: string, name: string): boolean {
  return checkManifests(manifests).some(
    (finding) => finding.rule === rule && finding.object.kind === kind && finding.object.metadata.name === name,
  );
}

/** Standard output of the tool, which exits with 1 when it finds something. */
function kubeLinter(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("kube-linter", args, { encoding: "utf8", maxBuffer: OUTPUT_LIMIT });
  if (status !== 0 && status !== 1) throw new Error(`kube-linter ${args[0]} ended with ${status}: ${stderr}`);
  return stdout;
}
