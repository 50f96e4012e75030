import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipelinePropertiesSeed } from "../../components/kpaas/database/pipeline-properties";
import { jenkinsConfiguration } from "../../components/kpaas/jenkins-configuration";
import { checkManifests } from "../../policy/check";
import { pipelineArgs, renderPipeline } from "../support/pipeline-suite";
import { podOf } from "../support/portal-suite";
import { find } from "../support/render-settings";

const JENKINS = "cp-pipeline-jenkins";

const facts = {
  access: "login",
  administrator: "admin",
  executors: 3,
  url: "http://jenkins:8080",
  registryHost: "harbor.example.org",
  sonarAddress: "sonarqube:9000",
  sonarToken: true,
} as const;

test("the configuration asks everybody for a login, names secrets and holds none", () => {
  const configuration = JSON.parse(jenkinsConfiguration(facts));
  expect(configuration.jenkins).toMatchObject({
    authorizationStrategy: { loggedInUsersCanDoAnything: { allowAnonymousRead: false } },
    securityRealm: {
      local: {
        allowsSignup: false,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the plugin replaces it
        users: [{ id: "admin", password: "${CI_ADMIN_PASSWORD}" }],
      },
    },
    numExecutors: 3,
  });
  expect(configuration.unclassified.location.url).toBe("http://jenkins:8080/");
  const ids = (text: string) => [...text.matchAll(/"id": "(harbor|sonarqube)"/g)].map(([, id]) => id);
  expect(ids(jenkinsConfiguration(facts))).toEqual(["harbor", "sonarqube"]);
  expect(ids(jenkinsConfiguration({ ...facts, sonarToken: false }))).toEqual(["harbor"]);
  expect(JSON.parse(jenkinsConfiguration({ ...facts, access: "open" })).jenkins.authorizationStrategy).toBe(
    "unsecured",
  );
});

test("Jenkins keeps its home on a claim of one node, and is stopped before its successor starts", async () => {
  const { manifests } = await renderPipeline(() => pipelineArgs("v1.6.0"));
  expect(find(manifests, "Deployment", `${JENKINS}-deployment`)["spec"]).toMatchObject({
    replicas: 1,
    strategy: { type: "Recreate" },
  });
  expect(find(manifests, "PersistentVolumeClaim", JENKINS)["spec"]).toMatchObject({
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "20Gi" } },
  });
  const { containers, securityContext } = podOf(manifests, JENKINS);
  expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
  expect(containers[0]).toMatchObject({
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
  });
  const value = (name: string) => containers[0].env.find((each) => each.name === name)?.value;
  expect(value("HARBOR_URL")).toBe("harbor.example.org");
  expect(value("SONARQUBE_URL")).toBe("sonarqube.sonarqube.svc.cluster.local:9000");
  expect(value("JENKINS_URL")).toBe("cp-pipeline-jenkins-service.cp-pipeline.svc.cluster.local:8080");
  expect(value("JAVA_OPTS")).toContain("-Djenkins.install.runSetupWizard=false");
});

test("privileged builds are an exception that says why, for Jenkins alone", async () => {
  const { manifests } = await renderPipeline(() => {
    const args = pipelineArgs("v1.6.0");
    return { ...args, jenkins: { ...args.jenkins, builds: "privileged" } };
  });
  expect(podOf(manifests, JENKINS).containers[0]).toMatchObject({
    securityContext: { privileged: true, runAsUser: 0 },
  });
  expect(podOf(manifests, "cp-pipeline-api").containers[0]).not.toMatchObject({
    securityContext: { privileged: true },
  });
  // The level of the namespace is the composition's; the one of this test has the default.
  const found = checkManifests(manifests).filter(({ rule }) => rule !== "pod-security-level");
  expect(found.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
});

test("a token that SonarQube makes is mounted from its Secret", async () => {
  const { manifests } = await renderPipeline(() => {
    const args = pipelineArgs("v1.6.0");
    const token = { kind: "secretKey", secretName: "sonar-token", key: "token" } as const;
    return { ...args, inspection: { ...args.inspection, token } };
  });
  expect(podOf(manifests, JENKINS).volumes).toContainEqual(
    expect.objectContaining({
      projected: expect.objectContaining({
        sources: [
          { secret: { name: JENKINS } },
          { secret: { name: "sonar-token", items: [{ key: "token", path: "SONAR_TOKEN" }] } },
        ],
      }),
    }),
  );
});

describe("the preparation of the plugins", () => {
  const folder = mkdtempSync(join(tmpdir(), "jenkins-plugins-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const script = readFileSync(
    join(__dirname, "..", "..", "components", "kpaas", "scripts", "prepare-jenkins-plugins.sh"),
    "utf8",
  )
    .replace("/usr/share/jenkins/ref/plugins", join(folder, "reference"))
    .replace("/var/jenkins_home/plugins", join(folder, "home"));
  const run = (env: Record<string, string> = {}) =>
    spawnSync("sh", ["-c", script], { env: { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, ...env } });

  test("stops Jenkins where nothing would ask for a login", () => {
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr.toString()).toContain("configuration-as-code is neither in the image nor in the home");
  });

  test("loads the list, and is content with what it brings", () => {
    mkdirSync(join(folder, "bin"));
    mkdirSync(join(folder, "reference"));
    const tool = '#!/bin/sh\ntouch "$4/configuration-as-code.jpi"\necho "$@"\n';
    writeFileSync(join(folder, "bin", "jenkins-plugin-cli"), tool, { mode: 0o755 });
    const { status, stdout } = run({ PLUGIN_LIST: "/list" });
    expect(status).toBe(0);
    // Otherwise what they need is the newest of the day.
    expect(stdout.toString()).toContain("--latest false");
  });

  test("fails with the tool that loads them", () => {
    writeFileSync(join(folder, "bin", "jenkins-plugin-cli"), "#!/bin/sh\nexit 7\n");
    expect(run({ PLUGIN_LIST: "/list" }).status).toBe(7);
  });
});

test("rows of the Config-Server are the same text in any order, and quotes do no harm", () => {
  const row = { serviceInstance: "standalone", label: "l", application: "a", profile: "p", key: "k", value: "it's" };
  const other = { ...row, key: "another" };
  expect(pipelinePropertiesSeed([row, other])).toBe(pipelinePropertiesSeed([other, row]));
  expect(pipelinePropertiesSeed([row])).toContain("('standalone', 'l', 'a', 'p', 'k', 'it''s')");
  expect(pipelinePropertiesSeed([])).toBe("");
});
