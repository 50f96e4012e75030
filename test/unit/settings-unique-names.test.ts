import { problemsOf, settingsOf } from "./settings-support";

const nodePort = (port: number) => ({ exposure: { type: "nodePort", nodePort: port } });
const administration = { userAdministration: { open: true } };

test.each([
  ["monitoring", "openchecker.namespace + platform:cluster.prometheus.namespace"],
  ["keda", "openchecker.namespace + platform:cluster.keda.namespace"],
  ["ingress-nginx", "openchecker.namespace + platform:cluster.ingress.controllerNamespace"],
  ["cert-manager", "openchecker.namespace + platform:cluster.capabilities.certManager"],
  ["dns", "openchecker.namespace + platform:cluster.dns.namespace"],
])("nobody takes the namespace %s of something that the cluster has", (namespace, path) => {
  const configured = { openchecker: { namespace }, cluster: { dns: { namespace: "dns" } } };

  expect(problemsOf(configured, { stack: "dev" }).map((problem) => problem.path)).toEqual([`platform:${path}`]);
});

test("parts of the cluster may share a namespace", () => {
  const cluster = { keda: { namespace: "operators" }, prometheus: { namespace: "operators" } };
  expect(() => settingsOf({ cluster }, { stack: "dev" })).not.toThrow();
});

test.each([
  ["SonarQube and Harbor", { sonarqube: nodePort(30002) }, "sonarqube.exposure.nodePort"],
  [
    "OpenHands and Harbor",
    { openhands: { ...nodePort(30002), url: "http://192.0.2.10:30002" } },
    "openhands.exposure.nodePort",
  ],
  ["MariaDB and Harbor", { mariadb: { nodePort: 30002 } }, "mariadb.nodePort"],
  ["KubeKloud and Harbor", { kubekloud: { ...nodePort(30002), ...administration } }, "kubekloud.exposure.nodePort"],
])("%s cannot share a node port", (_, configured, path) => {
  const [problem, ...others] = problemsOf(configured, { stack: "dev" });

  expect(others).toEqual([]);
  expect(problem?.path).toContain(`platform:${path}`);
  expect(problem?.path).toContain("platform:harbor.exposure.httpPort");
});

test("what is switched off claims nothing", () => {
  const sonarqube = { enabled: false, namespace: "monitoring", ...nodePort(30002) };
  expect(() => settingsOf({ sonarqube, pipeline: { enabled: false } }, { stack: "dev" })).not.toThrow();
});

test("ranges of the cluster overlap with nothing", () => {
  const cluster = { podCidrs: ["10.96.0.0/16"] };
  expect(problemsOf({ cluster }, { stack: "dev" })[0]?.path).toBe(
    "platform:cluster.podCidrs[0] + platform:cluster.serviceCidrs[0]",
  );
});
