import { checkManifests, checkRule } from "../../policy/check";
import { EXCEPTION_PREFIX } from "../../policy/exceptions";
import type { Manifest } from "../../policy/manifest";
import { RULES } from "../../policy/registry";
import { formatFinding } from "../../policy/rule";
import { EXAMPLES } from "./examples";
import { goodStack } from "./examples/objects";

const REASON = "the example needs it for the sake of the test";
const cases = EXAMPLES.map((example, index) => ({ ...example, title: `${example.rule} #${index}` }));

function findingsOf(rule: string, manifests: readonly Manifest[]) {
  return checkManifests(manifests).filter((finding) => finding.rule === rule);
}

function withException(manifest: Manifest, rule: string, reason = REASON): Manifest {
  const annotations = { ...manifest.metadata.annotations, [`${EXCEPTION_PREFIX}${rule}`]: reason };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

test("finds nothing in a stack that keeps to every rule", () => {
  expect(checkManifests(goodStack()).map(formatFinding)).toEqual([]);
});

test("every rule has an example, every example a rule", () => {
  const names = RULES.map(({ name }) => name);
  expect([...new Set(EXAMPLES.map(({ rule }) => rule))].sort()).toEqual([...names].sort());
  expect(new Set(names).size).toBe(names.length);
});

describe.each(cases)("$title", ({ rule, failing, passing }) => {
  test("objects to the failing example and not to the passing one", () => {
    expect(findingsOf(rule, failing)).not.toEqual([]);
    expect(findingsOf(rule, passing).map(formatFinding)).toEqual([]);
  });

  test("objects to each object of the failing example that is of the kind it is about", () => {
    const findings = findingsOf(rule, failing);
    const kinds = findings.map(({ object }) => object.kind);
    const expected = failing.filter(({ kind }) => kinds.includes(kind));
    expect(new Set(findings.map(({ object }) => object))).toEqual(new Set(expected));
  });

  test("an exception with a reason silences it; one that is not needed is reported", () => {
    const broken = new Set(findingsOf(rule, failing).map(({ object }) => object));
    const excepted = failing.map((each) => (broken.has(each) ? withException(each, rule) : each));
    expect(findingsOf(rule, excepted)).toEqual([]);
    expect(findingsOf("unused-exception", excepted)).toEqual([]);

    const needless = passing.map((each) => withException(each, rule));
    expect(findingsOf("unused-exception", needless)).toHaveLength(passing.length);
  });
});

describe("objects with nothing in them", () => {
  const kinds = new Set(EXAMPLES.flatMap(({ failing, passing }) => [...failing, ...passing]).map(({ kind }) => kind));
  const bare = [...kinds].map((kind): Manifest => ({ apiVersion: "v1", kind, metadata: {} }));
  const odd = [...kinds].map(
    (kind): Manifest => ({
      apiVersion: "v1",
      kind,
      metadata: { name: "odd" },
      spec: { template: null, selector: null, rules: [null], ports: null },
      data: null,
      rules: null,
      subjects: "nobody",
    }),
  );

  test.each(RULES)("$name survives them", (rule) => {
    for (const manifest of [...bare, ...odd]) expect(() => checkRule(rule, manifest, [...bare, ...odd])).not.toThrow();
  });
});

test("a finding reads as one line: rule, object, problem, remedy", () => {
  const [finding] = findingsOf(
    "exposed-services",
    EXAMPLES.find(({ rule }) => rule === "exposed-services")?.failing ?? [],
  );
  expect(finding && formatFinding(finding)).toBe(
    "exposed-services  Service shop/web: is of the type NodePort " +
      "(use the type ClusterIP, or say why the port must be open on the nodes or a load balancer)",
  );
});

test("no finding repeats a value that could be a secret", () => {
  const texts = EXAMPLES.flatMap(({ failing }) => checkManifests(failing).map(formatFinding)).join("\n");
  expect(texts).not.toContain("hunter22");
  expect(texts).not.toContain("abcdef123456");
});
