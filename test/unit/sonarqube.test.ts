import { resolveImage } from "../../catalog/resolve";
import { externalPostgres } from "../../components/data/external-postgres";
import { SonarQube, type SonarQubeArgs } from "../../components/inspection/sonarqube";
import { databaseVariables, jdbcUrl } from "../../components/inspection/sonarqube-database";
import { sonarVariables } from "../../components/inspection/sonarqube-pod";
import { IsolatedNamespace } from "../../components/isolation/isolated-namespace";
import { isolated, type RenderedComponent, renderComponent } from "../support/render-component";
import { find } from "../support/render-settings";

const images = { overrides: {}, pullSecrets: [] };
const heaps = { web: 1024, computeEngine: 1024, search: 1024 };

/** A SonarQube with OpenChecker as its only consumer. */
function render(changes: Partial<SonarQubeArgs<"openchecker">> = {}): Promise<RenderedComponent> {
  return renderComponent(() => {
    const consumerNamespace = new IsolatedNamespace("openchecker", { namespace: "openchecker", system: "openchecker" });
    isolated(
      "sonarqube",
      (namespace) =>
        new SonarQube("sonarqube", {
          namespace,
          image: resolveImage("sonarqube", images),
          toolImage: resolveImage("python", images),
          database: externalPostgres({
            host: "postgres.example.org",
            port: 5432,
            cidrs: ["10.1.0.0/24"],
            database: "sonarqube",
            username: "sonarqube",
            password: "not-to-be-shown",
            sslmode: "require",
          }),
          resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "2", memory: "4Gi" } },
          heaps,
          kernel: "noMemoryMap",
          storage: { size: "32Gi" },
          exposure: { type: "ingress", host: "sonarqube.example.org", tls: { from: "none" } },
          ingress: {
            className: "nginx",
            controller: { namespace: "ingress-nginx", podLabels: { app: "ingress-nginx" } },
            awaitAddress: false,
          },
          consumers: {
            openchecker: { username: "openchecker", displayName: "OpenChecker", namespace: consumerNamespace },
          },
          serverSettings: { "sonar.forceAuthentication": "true" },
          schedule: "30 3 * * *",
          kubernetesApi: { system: "Kubernetes API", ports: [6443], peer: { cidrs: ["10.0.0.1/32"] } },
          clusterDomain: "cluster.local",
          lifecycle: { protectData: false, retainData: false },
          ...changes,
        }),
    );
  });
}

test("the database's URL is the one that Java's driver reads", () => {
  const server = { host: "postgres-service", port: 5432, database: "sonarqube" };
  expect(jdbcUrl({ ...server, sslmode: "disable" })).toBe("jdbc:postgresql://postgres-service:5432/sonarqube");
  expect(jdbcUrl({ ...server, host: "2001:db8::1", sslmode: "verify-full" })).toBe(
    "jdbc:postgresql://[2001:db8::1]:5432/sonarqube?sslmode=verify-full&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory",
  );
});

test("a database with an authority of its own is refused, since the driver could not check it", () => {
  const database = externalPostgres({
    host: "postgres.example.org",
    port: 5432,
    cidrs: ["10.1.0.0/24"],
    database: "sonarqube",
    username: "sonarqube",
    password: "not-to-be-shown",
    sslmode: "verify-full",
    certificateAuthority: "-----BEGIN CERTIFICATE-----",
  });
  expect(() => databaseVariables(database)).toThrow("the public ones only");
});

test.each([
  ["noMemoryMap", "-Dnode.store.allow_mmap=false"],
  ["prepared", undefined],
  ["initContainer", undefined],
] as const)("with %s the search engine is told about memory maps what it has to know", (kernel, option) => {
  expect(sonarVariables({ kernel, heaps })["SONAR_SEARCH_JAVAADDITIONALOPTS"]).toBe(option);
});

test.each([
  ["prepared", false],
  ["initContainer", true],
] as const)("with %s it is %s that a container takes privileges", async (kernel, privileged) => {
  const { manifests } = await render({ kernel });
  const pod = JSON.stringify(find(manifests, "Deployment", "sonarqube")["spec"]);
  expect(pod.includes('"privileged":true')).toBe(privileged);
});

test("the server is ready when it says UP, and alive whatever it says", async () => {
  const { manifests } = await render();
  expect(find(manifests, "Deployment", "sonarqube")).toMatchObject({
    spec: {
      strategy: { type: "Recreate" },
      template: {
        spec: {
          // The image's files may be read by the group 0 only.
          securityContext: { runAsUser: 1000, runAsGroup: 0 },
          containers: [
            {
              readinessProbe: { exec: { command: ["sh", "-c", expect.stringContaining('"status":"UP"')] } },
              livenessProbe: { httpGet: { path: "/api/system/status" } },
              securityContext: { readOnlyRootFilesystem: true },
            },
          ],
        },
      },
    },
  });
});

test("nobody but the Job reaches the server before its first password is changed", async () => {
  const { registrations } = await render();
  const registered = (name: string) => registrations.find((each) => each.name === name);
  const job = registered("sonarqube-bootstrap-job");
  const service = registered("sonarqube-exposure-service");
  expect(service?.dependencies).toContain(job?.urn);
  expect(registered("sonarqube-exposure-ingress")?.dependencies).toContain(service?.urn);
  expect(registered("sonarqube-setup")?.dependencies).not.toContain(job?.urn);
});

test("the Job may read and write the Secret of the consumer's token, and nothing else there", async () => {
  const { manifests } = await render();
  const secret = find(manifests, "Secret", "sonarqube-openchecker-token");
  expect(secret.metadata.namespace).toBe("openchecker");
  expect(secret).not.toHaveProperty("data");
  expect(secret).not.toHaveProperty("stringData");
  expect(manifests.filter(({ kind }) => kind === "Role" || kind === "ClusterRole")).toEqual([
    expect.objectContaining({
      metadata: expect.objectContaining({ namespace: "openchecker" }),
      rules: [
        {
          apiGroups: [""],
          resources: ["secrets"],
          resourceNames: ["sonarqube-openchecker-token"],
          verbs: ["get", "patch"],
        },
      ],
    }),
  ]);
});
