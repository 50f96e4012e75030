import { checkManifests } from "../../policy/check";
import { exceptionsTable } from "../../policy/exceptions";
import type { Manifest } from "../../policy/manifest";
import { deploymentWith, goodStack, namespace, service } from "./examples/objects";

const IGNORE = "ignore-check.kube-linter.io";

function annotated(manifest: Manifest, annotations: Readonly<Record<string, string>>): Manifest {
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

function findingsOf(rule: string, ...manifests: readonly Manifest[]) {
  return checkManifests(manifests)
    .filter((finding) => finding.rule === rule)
    .map(({ message }) => message);
}

const nodePort = service({ type: "NodePort" });

test.each(["", "   ", "needed", "because", "xxxxxxxxxxxxxxxxxxxxxxxxxxx"])("%p is no reason", (reason) => {
  const excepted = annotated(nodePort, { [`${IGNORE}/exposed-services`]: reason });
  expect(findingsOf("exception-reason", excepted)).toHaveLength(1);
  expect(findingsOf("exposed-services", excepted)).toHaveLength(1);
});

test("an exception covers its own rule on its own object, nothing else", () => {
  const excepted = annotated(nodePort, { [`${IGNORE}/exposed-services`]: "the load balancer of the site needs it" });
  expect(findingsOf("exposed-services", excepted, service({ type: "NodePort" }, "other"))).toHaveLength(1);
  expect(findingsOf("dangling-service", excepted)).toHaveLength(1);
});

test("a namespace can be excepted from a rule about all namespaces", () => {
  const baseline = namespace({ "pod-security.kubernetes.io/enforce": "baseline" });
  const reason = { [`${IGNORE}/pod-security-restricted`]: "the builders inside need the capability CHOWN" };
  expect(findingsOf("pod-security-restricted", baseline)).toHaveLength(1);
  expect(findingsOf("pod-security-restricted", annotated(baseline, reason))).toEqual([]);
});

test("a misspelt rule is reported, and so is the exception from everything", () => {
  const misspelt = annotated(nodePort, { [`${IGNORE}/exposed-service`]: "the load balancer of the site needs it" });
  expect(findingsOf("unknown-exception", misspelt)).toEqual(['there is no rule "exposed-service"']);
  const everything = annotated(nodePort, { "kube-linter.io/ignore-all": "we do not like rules around here" });
  expect(findingsOf("unknown-exception", everything)).toHaveLength(1);
  expect(findingsOf("exposed-services", everything)).toHaveLength(1);
});

test("an exception from a kube-linter check that the platform does not adopt is fine", () => {
  const excepted = annotated(service(), { [`${IGNORE}/sorted-keys`]: "the order of these keys is meant for readers" });
  expect(findingsOf("unknown-exception", excepted)).toEqual([]);
  expect(findingsOf("unused-exception", excepted)).toEqual([]);
});

test("only findings of the wanted severity and above are reported", () => {
  const manifests = [...goodStack(), deploymentWith({ privileged: true, readOnlyRootFilesystem: false })];
  const severities = (minimumSeverity: "low" | "critical") =>
    new Set(checkManifests(manifests, { minimumSeverity }).map(({ severity }) => severity));
  expect(severities("low")).toContain("medium");
  expect(severities("critical")).toEqual(new Set(["critical"]));
});

describe("the table of exceptions", () => {
  const one = annotated(nodePort, { [`${IGNORE}/exposed-services`]: "the site has no ingress | controller" });
  const two = annotated(namespace(), { [`${IGNORE}/recommended-labels`]: "labels come from\nanother team" });

  test("names rule, object and reason in cells that stay cells", () => {
    expect(exceptionsTable([one])).toBe(
      "| Rule | Object | Why |\n|---|---|---|\n" +
        "| `exposed-services` | Service shop/web | the site has no ingress \\| controller |\n",
    );
  });

  test("is the same in whatever order the objects come, and however often", () => {
    expect(exceptionsTable([two, one, one])).toBe(exceptionsTable([one, two]));
  });

  test("says so when there is none", () => {
    expect(exceptionsTable(goodStack())).toBe("No object needs an exception.\n");
  });
});
