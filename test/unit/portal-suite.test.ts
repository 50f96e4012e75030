import { catalogConfiguration } from "../../components/kpaas/catalog-configuration";
import type { PortalApplication } from "../../components/kpaas/portal-applications";
import { checkManifests } from "../../policy/check";
import type { Manifest } from "../../stacks/render";
import { podSpecOf } from "../support/pod-spec";
import {
  environmentOf,
  everything,
  podOf,
  renderSuite,
  suiteArgs,
  vaultLogin,
  wholeSuite,
} from "../support/portal-suite";
import { find } from "../support/render-settings";

/** Port and node port of every application, as upstream's manifests have them. */
const ports: readonly [application: PortalApplication, port: number, nodePort: number][] = [
  ["cp-portal-ui", 8090, 32703],
  ["cp-portal-api", 3333, 32701],
  ["cp-portal-common-api", 3334, 32700],
  ["cp-portal-service-broker", 3330, 32704],
  ["cp-portal-terraman", 8091, 32707],
  ["cp-portal-metric-api", 8900, 30329],
];

const exposedNodePort = (manifests: readonly Manifest[], application: PortalApplication) => {
  const { spec } = find(manifests, "Service", `${application}-service`) as unknown as {
    spec: { type: string; ports: { nodePort?: number }[] };
  };
  return spec.type === "NodePort" ? spec.ports[0]?.nodePort : undefined;
};

test("names, labels, ports and images are upstream's", async () => {
  const { manifests, suite } = await wholeSuite("v1.6.0");
  for (const [application, port] of ports) {
    expect(find(manifests, "Service", `${application}-service`)["spec"]).toMatchObject({
      selector: { app: application },
      ports: [{ port, targetPort: "http" }],
    });
    expect(find(manifests, "Deployment", `${application}-deployment`)["spec"]).toMatchObject({
      replicas: 1,
      selector: { matchLabels: { app: application } },
    });
    expect(podOf(manifests, application)).toMatchObject({
      imagePullSecrets: [{ name: "cp-regcred" }],
      automountServiceAccountToken: false,
      securityContext: { runAsUser: 1000, runAsNonRoot: true },
      nodeSelector: { "kubernetes.io/arch": "amd64" },
      containers: [
        {
          name: application,
          image: `harbor.example.org/cp-portal-repository/${application}:latest`,
          ports: [{ containerPort: port }],
          securityContext: { readOnlyRootFilesystem: true },
        },
      ],
    });
    expect(JSON.stringify(podOf(manifests, application)["affinity"])).toContain(
      '{"key":"node-role.kubernetes.io/edge","operator":"DoesNotExist"}',
    );
  }
  expect(suite.imageReferences).toContain("harbor.example.org/cp-portal-repository/cp-portal-ui:latest");
});

test("the images of v1.6.0 are asked by HTTP, those of v1.4.1 by their port", async () => {
  const [old, current] = [await renderSuite(() => suiteArgs("v1.4.1")), await renderSuite(() => suiteArgs("v1.6.0"))];
  expect(podOf(old.manifests, "cp-portal-api").containers[0]).toMatchObject({
    startupProbe: { tcpSocket: { port: "http" } },
    livenessProbe: { tcpSocket: { port: "http" } },
    readinessProbe: { tcpSocket: { port: "http" } },
  });
  expect(podOf(current.manifests, "cp-portal-api").containers[0]).toMatchObject({
    livenessProbe: { httpGet: { path: "/actuator/health/liveness", port: "http" }, failureThreshold: 3 },
    readinessProbe: { httpGet: { path: "/actuator/health/readiness", port: "http" }, failureThreshold: 3 },
  });
});

test("node ports are open for browsers only, unless the settings want upstream's openness", async () => {
  const confined = (await wholeSuite("v1.4.1")).manifests;
  const open = (await renderSuite(() => ({ ...everything("v1.4.1"), exposure: { type: "nodePort", internal: true } })))
    .manifests;
  const forBrowsers = ["cp-portal-ui", "cp-portal-api", "cp-portal-service-broker"];
  for (const [application, , nodePort] of ports) {
    expect([application, exposedNodePort(confined, application)]).toEqual([
      application,
      forBrowsers.includes(application) ? nodePort : undefined,
    ]);
    expect(exposedNodePort(open, application)).toBe(nodePort);
  }
  expect(confined.filter(({ kind }) => kind === "Ingress")).toEqual([]);
});

/** Who may open connections to an application: systems by their pod labels, or address ranges. */
function callersOf(manifests: readonly Manifest[], application: PortalApplication): string[] {
  const { spec } = find(manifests, "NetworkPolicy", `network-cp-portal-${application}-deployment`) as unknown as {
    spec: { ingress: { from: { podSelector?: { matchLabels: { app: string } }; ipBlock?: { cidr: string } }[] }[] };
  };
  return spec.ingress
    .flatMap(({ from }) => from.map(({ podSelector, ipBlock }) => podSelector?.matchLabels.app ?? ipBlock?.cidr ?? ""))
    .sort();
}

test("applications whose passwords are compiled in are reached by their callers only", async () => {
  const { manifests } = await wholeSuite("v1.6.0");
  expect(callersOf(manifests, "cp-portal-metric-api")).toEqual(["cp-portal-api"]);
  expect(callersOf(manifests, "cp-portal-terraman")).toEqual(["cp-portal-api"]);
  expect(callersOf(manifests, "cp-portal-chaos-collector")).toEqual(["cp-portal-chaos-api"]);
  expect(callersOf(manifests, "cp-portal-common-api")).toEqual([
    "cp-portal-api",
    "cp-portal-chaos-api",
    "cp-portal-chaos-collector",
    "cp-portal-service-broker",
  ]);
  expect(callersOf(manifests, "cp-portal-api")).toEqual(["ingress-nginx"]);
  const old = (await renderSuite(() => suiteArgs("v1.4.1"))).manifests;
  expect(callersOf(old, "cp-portal-common-api")).toEqual(["cp-portal-api", "cp-portal-ui"]);
  expect(callersOf(old, "cp-portal-api")).toEqual(["0.0.0.0/0", "cp-portal-common-api", "cp-portal-ui"]);
});

test("a Cloud Foundry in the same cluster reaches the broker, and nobody else does", async () => {
  const clients = { namespace: "cf-system", podLabels: { app: "cloud-controller" } };
  const broker = { exposure: { type: "clusterIp" }, clients } as const;
  const { manifests, suite } = await renderSuite(() => ({ ...everything("v1.6.0"), broker }));
  expect(callersOf(manifests, "cp-portal-service-broker")).toEqual(["cloud-controller"]);
  expect(suite.brokerLogin?.username).toBe("admin");
});

test("what there can be only one of is stopped before its successor starts", async () => {
  const { manifests } = await wholeSuite("v1.6.0");
  const strategies = manifests
    .filter(({ kind }) => kind === "Deployment")
    .map(({ metadata, ...fields }) => [
      metadata.name,
      (fields["spec"] as { strategy: { type: string } }).strategy.type,
    ]);
  expect(Object.fromEntries(strategies)).toEqual({
    "cp-portal-api-deployment": "Recreate",
    "cp-portal-catalog-api-deployment": "Recreate",
    "cp-portal-chaos-api-deployment": "RollingUpdate",
    "cp-portal-chaos-collector-deployment": "Recreate",
    "cp-portal-common-api-deployment": "RollingUpdate",
    "cp-portal-metric-api-deployment": "Recreate",
    "cp-portal-service-broker-deployment": "RollingUpdate",
    "cp-portal-terraman-deployment": "Recreate",
    "cp-portal-ui-deployment": "RollingUpdate",
  });
});

test("Terraman's key reaches its directory by a container that nobody else sees, and survives nowhere else", async () => {
  const { manifests } = await wholeSuite("v1.6.0");
  const pod = podOf(manifests, "cp-portal-terraman");
  const copy = pod.initContainers?.find(({ name }) => name === "master-key");
  expect(copy?.["volumeMounts"]).toEqual(
    expect.arrayContaining([
      { name: "keys", mountPath: "/home/1000/.ssh" },
      { name: "master-key", mountPath: "/etc/master-key", readOnly: true },
    ]),
  );
  expect(pod.containers[0]["volumeMounts"]).not.toContainEqual(expect.objectContaining({ name: "master-key" }));
  expect(find(manifests, "Secret", "cp-portal-terraman-ssh-key")).toMatchObject({ type: "kubernetes.io/ssh-auth" });
  expect(find(manifests, "PersistentVolumeClaim", "cp-portal-terraman")["spec"]).toMatchObject({
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "5Gi" } },
  });
});

test("Catalog-API gets a file of its own for what the image fixes, and keeps the image's one without", async () => {
  const mounts = async (credentials: "generated" | "builtIn") => {
    const { manifests } = await renderSuite(() => ({ ...everything("v1.6.0"), credentials }));
    const { volumeMounts } = podOf(manifests, "cp-portal-catalog-api").containers[0];
    return (volumeMounts as { mountPath: string }[]).map(({ mountPath }) => mountPath);
  };
  expect(await mounts("generated")).toEqual(expect.arrayContaining(["/home/1000/helm", "/config.env", "/tmp"]));
  expect(await mounts("builtIn")).not.toContain("/config.env");
});

test("Catalog-API's file takes every secret from the container's environment", () => {
  const lines = catalogConfiguration(8093).trim().split("\n");
  expect(lines[0]).toBe("SERVER_PORT=:8093");
  expect(lines).toEqual(
    expect.arrayContaining(["JWT_SECRET", "VAULT_ROLE_ID", "VAULT_SECRET_ID"].map((name) => `${name}=\${${name}}`)),
  );
});

test("those who talk to a server of a private authority trust it, each in the way of its runtime", async () => {
  const { manifests } = await renderSuite(() => {
    const { vaults, ...args } = everything("v1.6.0");
    const behindTls = Object.keys(vaults).map((application) => [application, vaultLogin(application, "vault's")]);
    return { ...args, vaults: Object.fromEntries(behindTls) };
  });
  expect(
    Object.keys((find(manifests, "ConfigMap", "cp-portal-authorities") as Manifest & { data: object }).data),
  ).toEqual(["charts.crt", "keycloak.crt", "vault.crt"]);
  const variable = (application: PortalApplication, name: string) =>
    podOf(manifests, application).containers[0].env.find((each) => each.name === name)?.value;
  expect(variable("cp-portal-ui", "JAVA_TOOL_OPTIONS")).toContain("-Djavax.net.ssl.trustStore=/var/truststore/cacerts");
  expect(podOf(manifests, "cp-portal-ui").initContainers).toMatchObject([
    { name: "truststore", image: "harbor.example.org/cp-portal-repository/cp-portal-ui:latest" },
  ]);
  // An image with nothing but one program can run no init container.
  expect(podOf(manifests, "cp-portal-metric-api").initContainers).toBeUndefined();
  expect(variable("cp-portal-metric-api", "SSL_CERT_DIR")).toBe("/etc/platform-authorities");
  expect(podOf(manifests, "cp-portal-common-api").initContainers).toBeUndefined();
});

test.each([
  ["v1.4.1, as small as it gets", () => suiteArgs("v1.4.1")],
  ["v1.4.1 with everything", () => everything("v1.4.1")],
  ["v1.6.0, as small as it gets", () => suiteArgs("v1.6.0")],
  ["v1.6.0 with everything", () => everything("v1.6.0")],
  ["several pods", () => ({ ...suiteArgs("v1.6.0"), replicas: { "cp-portal-common-api": 3 } })],
] as const)("%s keeps to every rule of the policy", async (_, args) => {
  const { manifests } = await renderSuite(args);
  const found = checkManifests(manifests).map(({ rule, message }) => `${rule}: ${message}`);
  expect(found).toEqual([]);
});

test.each([
  ["v1.4.1", "/home/1000/.ssh/paasta-master-key"],
  ["v1.6.0", "/home/1000/.ssh/master-key"],
] as const)("Terraman of %s finds the key of the node where it looks for it", async (profile, file) => {
  const { manifests } = await renderSuite(() => everything(profile));
  const pod = podSpecOf(find(manifests, "Deployment", "cp-portal-terraman-deployment"));
  const [copy] = (pod?.initContainers ?? []).filter(({ name }) => name === "master-key") as unknown as {
    command?: string[];
  }[];
  expect(copy?.command?.join(" ")).toContain(`mv -f ${file}.new ${file}`);
});

test("the catalogue shows people the address of the charts that they can reach, and gets there itself", async () => {
  const front = {
    system: "Ingress controller",
    ports: [8443],
    peer: { namespace: "edge", podLabels: { app: "edge" } },
  };
  const { manifests } = await renderSuite(() => {
    const args = everything("v1.6.0");
    const charts = args.charts && { ...args.charts, publicUrl: "https://charts.example.org" };
    return { ...args, charts, chartsFront: front };
  });
  expect(environmentOf(manifests, "cp-portal-ui")["CHART_REPO_URL"]).toBe("https://charts.example.org");
  const policy = find(manifests, "NetworkPolicy", "network-cp-portal-cp-portal-catalog-api-deployment");
  expect(JSON.stringify(policy["spec"])).toContain('"port":8443');
});
