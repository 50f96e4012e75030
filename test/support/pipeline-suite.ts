import * as pulumi from "@pulumi/pulumi";
import { pipelinePrograms } from "../../components/kpaas/pipeline-applications";
import { pipelineProfiles } from "../../components/kpaas/pipeline-environment";
import { PipelineSuite } from "../../components/kpaas/pipeline-suite";
import type { PipelineSuiteArgs } from "../../components/kpaas/pipeline-suite-args";
import type { ProfileName } from "../../components/kpaas/profiles";
import { databaseLogin, inNamespace, portalClient, registry } from "./portal-suite";
import { isolated, type RenderedComponent, renderComponent } from "./render-component";

type SuiteArgs = Omit<PipelineSuiteArgs, "namespace">;

const login = (name: string) => ({ username: name, password: pulumi.secret(`password-of-${name}`) });

/** Arguments of a suite as the stacks give them, with everything that is optional switched off. */
export function pipelineArgs(profile: ProfileName): SuiteArgs {
  const byNodePort = profile === "v1.4.1";
  const images = pipelinePrograms.map((program) => [
    program,
    { repository: `cp-pipeline-repository/${program}`, tag: "latest", pullPolicy: "Always", pullSecrets: [] },
  ]);
  const issuer = `https://keycloak.apps.example.org${byNodePort ? "/auth" : ""}/realms/cp-realm`;
  return {
    profile: pipelineProfiles[profile],
    registry,
    registryAdministrator: login("harbor-admin"),
    images: Object.fromEntries(images) as SuiteArgs["images"],
    architecture: "amd64",
    awaitReady: false,
    databases: {
      "cp-pipeline-common-api": databaseLogin("cp-pipeline-common-api"),
      "cp-pipeline-config-server": databaseLogin("cp-pipeline-config-server"),
    },
    identity: {
      client: { ...portalClient, issuer: pulumi.output(issuer) },
      realm: "cp-realm",
      administrator: login("keycloak-admin"),
      administratorRole: "cp-cluster-admin-role",
      administratorGroup: "cp-cluster-admin",
    },
    inspection: {
      system: "SonarQube",
      ports: [9000],
      peer: inNamespace("sonarqube", "sonarqube"),
      scheme: "http",
      host: "sonarqube.sonarqube.svc.cluster.local",
      port: 9000,
      ...login("sonar-admin"),
      ready: [],
    },
    jenkins: {
      image: {
        reference: "docker.io/jenkins/jenkins:2.516.3-lts-jdk17",
        pullPolicy: "IfNotPresent",
        pullSecrets: [],
        exceptions: {},
        published: true,
      },
      access: "login",
      builds: "rootless",
      plugins: { from: "updateSite", list: ["configuration-as-code:1", "git:2"] },
      executors: 2,
      resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2", memory: "3Gi" } },
      storage: { size: "20Gi" },
      registry,
      outside: [{ system: "Jenkins update site", ports: [443], peer: { cidrs: ["192.0.2.0/24"] } }],
    },
    exposure: byNodePort
      ? { type: "nodePort", internal: false }
      : {
          type: "ingress",
          host: "pipeline.apps.example.org",
          tls: { from: "secret", secretName: "apps-example-org-tls" },
        },
    url: byNodePort ? "http://10.0.0.10:30084" : "https://pipeline.apps.example.org",
    keycloakNode: undefined,
    ingress: {
      className: "nginx",
      controller: { namespace: "ingress-nginx", podLabels: { app: "ingress-nginx" } },
      awaitAddress: false,
    },
    clusterDomain: "cluster.local",
    resources: {},
    lifecycle: { protectData: false, retainData: false },
    broker: undefined,
  };
}

/** The same with a broker, and the node ports of what is inside. */
export function wholePipeline(profile: ProfileName): SuiteArgs {
  const args = pipelineArgs(profile);
  return {
    ...args,
    ...(args.exposure.type === "nodePort" && { exposure: { type: "nodePort", internal: true } }),
    broker: {
      database: databaseLogin("cp-pipeline-broker"),
      exposure: { type: "nodePort" },
      clients: undefined,
      cloudFoundry: {
        url: "https://api.cf.example.org",
        server: { system: "Cloud Foundry API", ports: [443], peer: { cidrs: ["198.51.100.7/32"] } },
      },
    },
  };
}

/** Renders a suite in its namespace, with the network policies that follow. */
export async function renderPipeline(makeArgs: () => SuiteArgs): Promise<RenderedComponent & { suite: PipelineSuite }> {
  const made: PipelineSuite[] = [];
  const rendered = await renderComponent(() =>
    isolated("cp-pipeline", (namespace) => {
      const suite = new PipelineSuite("pipeline", { ...makeArgs(), namespace });
      made.push(suite);
      return suite;
    }),
  );
  const [suite] = made;
  if (suite === undefined) {
    throw new Error("Nothing was made.");
  }
  return { ...rendered, suite };
}
