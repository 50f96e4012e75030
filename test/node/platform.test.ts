import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { layoutOf } from "../../sandbox/cluster/layout";
import { describeOnNode } from "./node-support";
import { RealPlatform } from "./real-platform";
import { faultTests } from "./suites/faults";
import { harborTests } from "./suites/harbor";
import { keycloakTests } from "./suites/keycloak";
import { mariadbTests } from "./suites/mariadb";
import { networkTests } from "./suites/network";
import { postgresTests } from "./suites/postgres";
import { rabbitMqTests } from "./suites/rabbitmq";
import { sonarqubeTests } from "./suites/sonarqube";
import { vaultTests } from "./suites/vault";
import { workloadTests } from "./suites/workloads";

/** One cluster and one `up` for all of them: most of the time goes into starting the servers. */
describeOnNode("the stack dev on a real node", () => {
  let platform: RealPlatform;
  const current = () => platform;

  beforeAll(async () => {
    platform = await RealPlatform.start();
  });
  afterAll(() => platform?.remove());

  describe("workloads and Jobs", () => workloadTests(current));
  describe("network policies", () => networkTests(current));
  describe("PostgreSQL", () => postgresTests(current));
  describe("RabbitMQ", () => rabbitMqTests(current));
  describe("programs of Harbor", () => harborTests(current));
  describe("MariaDB", () => mariadbTests(current));
  describe("Keycloak", () => keycloakTests(current));
  describe("Vault", () => vaultTests(current));
  describe("SonarQube", () => sonarqubeTests(current));
  describe("faults", () => faultTests(current));

  test("no program of the node has broken down meanwhile", () => {
    const { node } = layoutOf(platform.sandbox);
    const logs = readdirSync(join(node, "logs")).filter((file) => file.endsWith(".log"));
    expect(logs).toContain("kubelet.log");
    const brokenDown = logs.filter((file) =>
      /^(panic|fatal error): /m.test(readFileSync(join(node, "logs", file), "utf8")),
    );
    expect(brokenDown).toEqual([]);
  });
});
