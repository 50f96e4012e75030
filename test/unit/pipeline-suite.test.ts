import type { PipelineProgram } from "../../components/kpaas/pipeline-applications";
import type { ProfileName } from "../../components/kpaas/profiles";
import { checkManifests } from "../../policy/check";
import type { Manifest } from "../../stacks/render";
import { pipelineArgs, renderPipeline, wholePipeline } from "../support/pipeline-suite";
import { podOf } from "../support/portal-suite";
import { find } from "../support/render-settings";

/** Port and node port of everything, as upstream has them. */
const ports: readonly [application: string, port: number, nodePort: number][] = [
  ["cp-pipeline-common-api", 8081, 30081],
  ["cp-pipeline-api", 8082, 30082],
  ["cp-pipeline-broker", 8083, 30083],
  ["cp-pipeline-ui", 8084, 30084],
  ["cp-pipeline-inspection-api", 8085, 30085],
  ["cp-pipeline-jenkins", 8080, 30086],
  ["cp-pipeline-config-server", 8080, 30088],
];

/** What upstream's programs read; `*` stands for the start of the names, which differs between the releases. */
const upstream: Readonly<Record<PipelineProgram, readonly string[]>> = {
  "cp-pipeline-api": [
    "*_COMMON_API_URI",
    "*_INSPECTION_API_URI",
    "*_UI_URI",
    "PIPELINE_UI_PUBLIC_URL",
    "HARBOR_API_URL",
    "HARBOR_ADMIN_USER",
    "HARBOR_ADMIN_PASSWORD",
    "KEYCLOAK_URL",
    "KEYCLOAK_ADMIN_ID",
    "KEYCLOAK_ADMIN_PASSWORD",
  ],
  "cp-pipeline-broker": [
    "DATABASE_URL",
    "DATABASE_USER_ID",
    "DATABASE_USER_PASSWORD",
    "CF_API_URL",
    "DASHBOARD_URL",
    "*_COMMON_API_URI",
    "CI_SERVER_URL",
    "KEYCLOAK_ADMIN_ID",
    "KEYCLOAK_ADMIN_PASSWORD",
    "KEYCLOAK_URL",
    "KEYCLOAK_CP_REALM",
    "KEYCLOAK_IDENTITY_PROVIDER_ID",
    "KEYCLOAK_CLUSTER_ADMIN_GROUP",
    "KEYCLOAK_CLUSTER_ADMIN_ROLE",
  ],
  "cp-pipeline-common-api": ["DATABASE_URL", "DATABASE_USER_ID", "DATABASE_USER_PASSWORD", "*_API_URI"],
  "cp-pipeline-config-server": ["DATABASE_URL", "DATABASE_USER_ID", "DATABASE_USER_PASSWORD"],
  "cp-pipeline-inspection-api": [
    "*_COMMON_API_URI",
    "INSPECTION_SERVER_URL",
    "INSPECTION_ADMIN_ID",
    "INSPECTION_ADMIN_PASSWORD",
  ],
  "cp-pipeline-ui": [
    "*_API_URI",
    "*_COMMON_API_URI",
    "*_INSPECTION_API_URI",
    "KEYCLOAK_URL",
    "KEYCLOAK_CP_REALM",
    "KEYCLOAK_CP_CLIENT_ID",
    "KEYCLOAK_CP_CLIENT_SECRET",
    "KEYCLOAK_CLUSTER_ADMIN_ROLE",
    "CONFIG_SERVER_URL",
  ],
};

const prefixes: Readonly<Record<ProfileName, readonly string[]>> = {
  "v1.4.1": ["CP_PIPELINE", "CONTAINER_PLATFORM_PIPELINE"],
  "v1.6.0": ["CP_PIPELINE"],
};

function environmentOf(manifests: readonly Manifest[], program: string): Record<string, string> {
  const { data } = find(manifests, "ConfigMap", "cp-pipeline-configmap") as unknown as { data: Record<string, string> };
  const own = podOf(manifests, program).containers[0].env.map(
    ({ name, value, valueFrom }) => [name, value ?? `key ${valueFrom?.secretKeyRef.key}`] as const,
  );
  return { ...data, ...Object.fromEntries(own) };
}

const serviceOf = (manifests: readonly Manifest[], application: string) =>
  find(manifests, "Service", `${application}-service`)["spec"] as {
    type: string;
    ports: { port: number; nodePort?: number }[];
  };

test("names, ports and node ports are upstream's, and only people's are open unless the settings want more", async () => {
  const whole = (await renderPipeline(() => wholePipeline("v1.4.1"))).manifests;
  const confined = (await renderPipeline(() => pipelineArgs("v1.4.1"))).manifests;
  const byIngress = (await renderPipeline(() => pipelineArgs("v1.6.0"))).manifests;
  for (const [application, port, nodePort] of ports) {
    expect(serviceOf(whole, application)).toMatchObject({ type: "NodePort", ports: [{ port, nodePort }] });
    expect(find(whole, "Deployment", `${application}-deployment`)["spec"]).toMatchObject({
      replicas: 1,
      selector: { matchLabels: { app: application } },
    });
  }
  for (const [application] of ports.filter(([each]) => each !== "cp-pipeline-broker")) {
    const website = application === "cp-pipeline-ui";
    expect([application, serviceOf(confined, application).type]).toEqual([
      application,
      website ? "NodePort" : "ClusterIP",
    ]);
    expect([application, serviceOf(byIngress, application).type]).toEqual([application, "ClusterIP"]);
  }
  const ingresses = byIngress.filter(({ kind }) => kind === "Ingress");
  expect(ingresses).toMatchObject([
    { spec: { rules: [{ host: "pipeline.apps.example.org" }], tls: [{ secretName: "apps-example-org-tls" }] } },
  ]);
});

describe.each(["v1.4.1", "v1.6.0"] as const)("with the profile %s", (profile) => {
  test("every program is told what it reads, in every spelling that the release may have", async () => {
    const { manifests } = await renderPipeline(() => wholePipeline(profile));
    for (const [program, names] of Object.entries(upstream)) {
      const expected = names.flatMap((name) => prefixes[profile].map((prefix) => name.replace("*", prefix)));
      const environment = environmentOf(manifests, program);
      expect([program, expected.filter((name) => environment[name] === undefined)]).toEqual([program, []]);
    }
  });

  test("no secret is in plain text, and no program gets another one's", async () => {
    const { manifests } = await renderPipeline(() => wholePipeline(profile));
    expect(JSON.stringify(manifests)).not.toMatch(/password-of-|client-secret-of/);
    for (const program of Object.keys(upstream)) {
      const { env } = podOf(manifests, program).containers[0];
      const keys = env.flatMap(({ valueFrom }) => (valueFrom === undefined ? [] : [valueFrom.secretKeyRef.key]));
      expect(keys.filter((key) => !key.startsWith(`${program}.`))).toEqual([]);
    }
  });

  test.each([
    ["as small as it gets", () => pipelineArgs(profile)],
    ["with everything", () => wholePipeline(profile)],
  ] as const)("%s, it keeps to every rule of the policy", async (_, args) => {
    const { manifests } = await renderPipeline(args);
    expect(checkManifests(manifests).map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
  });
});

test("addresses follow from the contracts and the release", async () => {
  const current = (await renderPipeline(() => wholePipeline("v1.6.0"))).manifests;
  const old = (await renderPipeline(() => wholePipeline("v1.4.1"))).manifests;
  expect(environmentOf(current, "cp-pipeline-api")).toMatchObject({
    CP_PIPELINE_COMMON_API_URI: "http://cp-pipeline-common-api-service.cp-pipeline.svc.cluster.local:8081",
    HARBOR_API_URL: "https://harbor.example.org",
    KEYCLOAK_URL: "https://keycloak.apps.example.org",
    PIPELINE_UI_PUBLIC_URL: "https://pipeline.apps.example.org",
  });
  // Web-Pipeline appends `/auth` in the old release, and the API does not.
  expect(environmentOf(old, "cp-pipeline-ui")["KEYCLOAK_URL"]).toBe("https://keycloak.apps.example.org");
  expect(environmentOf(old, "cp-pipeline-api")).toMatchObject({
    HARBOR_API_URL: "https://harbor.example.org/api/v2.0",
    KEYCLOAK_URL: "https://keycloak.apps.example.org/auth",
  });
  expect(environmentOf(current, "cp-pipeline-inspection-api")["INSPECTION_SERVER_URL"]).toBe(
    "http://sonarqube.sonarqube.svc.cluster.local:9000",
  );
  expect(environmentOf(current, "cp-pipeline-broker")).toMatchObject({
    CI_SERVER_URL: "http://cp-pipeline-jenkins-service.cp-pipeline.svc.cluster.local:8080",
    DASHBOARD_URL: "https://pipeline.apps.example.org/dashboard/[SUID]/",
  });
});

test("only those who call Jenkins and Config-Server reach them", async () => {
  const { manifests } = await renderPipeline(() => wholePipeline("v1.6.0"));
  const callers = (application: string) => {
    const { spec } = find(manifests, "NetworkPolicy", `network-cp-pipeline-${application}-deployment`) as unknown as {
      spec: { ingress?: { from: { podSelector?: { matchLabels: Record<string, string> } }[] }[] };
    };
    return (spec.ingress ?? []).flatMap(({ from }) => from.map((peer) => peer.podSelector?.matchLabels["app"])).sort();
  };
  expect(callers("cp-pipeline-jenkins")).toEqual(["cp-pipeline-api"]);
  expect(callers("cp-pipeline-config-server")).toEqual(["cp-pipeline-ui"]);
  expect(callers("cp-pipeline-common-api")).toEqual([
    "cp-pipeline-api",
    "cp-pipeline-broker",
    "cp-pipeline-inspection-api",
    "cp-pipeline-ui",
  ]);
  expect(callers("cp-pipeline-ui")).toEqual(["ingress-nginx"]);
});
