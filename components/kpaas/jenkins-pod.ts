import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerImage } from "../../catalog/resolve";
import type { SonarToken } from "../contracts";
import type { PolicyExceptions } from "../kubernetes/exceptions";
import { type Resources, restrictedPod } from "../kubernetes/pod";
import { httpProbe, startsWithin } from "../kubernetes/probes";
import { notOnEdgeNodes } from "./application-pod";
import { type JenkinsVariables, jenkinsSecrets } from "./jenkins-configuration";
import { noTrust, trust } from "./trust";

type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;

/** Runs before Jenkins: puts the plugins in place, or looks whether they are. */
const preparation = readFileSync(join(__dirname, "scripts", "prepare-jenkins-plugins.sh"), "utf8");

/** Where the image keeps everything that is to last (upstream). */
const HOME = "/var/jenkins_home";

/** Where the image's start script takes plugins from, when the home has none or older ones. */
const PLUGINS = "/usr/share/jenkins/ref/plugins";

const CONFIGURATION = "/etc/jenkins-configuration";
/** Where the plugin looks for the secrets that the configuration names, unless it is told otherwise. */
const SECRETS = "/run/secrets";

/** Name of the file in {@link CONFIGURATION}; the list of plugins lies beside it, with an end that is not read. */
export const CONFIGURATION_FILE = "jenkins.yaml";
export const PLUGINS_FILE = "plugins.txt";

/** How builds of images run: as any other user, or with all rights over the node, as upstream has it. */
export type JenkinsBuilds = "rootless" | "privileged";

/** Why the namespace cannot be `restricted` with privileged builds. */
export const privilegedBuildsNamespace: PolicyExceptions = {
  "pod-security-restricted": "The settings have Jenkins build images in a privileged container.",
};

/** Why the Deployment breaks policy rules. */
export function jenkinsExceptions(builds: JenkinsBuilds): PolicyExceptions {
  const reason = "The settings have Jenkins build images in a privileged container as root, which mounts and unshares.";
  return builds === "privileged" ? Object.fromEntries(PRIVILEGED_RULES.map((rule) => [rule, reason])) : {};
}

const PRIVILEGED_RULES = [
  "drop-net-raw-capability",
  "no-read-only-root-fs",
  "privilege-escalation-container",
  "privileged-container",
  "pss-restricted-capabilities",
  "pss-run-as-user",
  "run-as-non-root",
];

/** Where plugins come from: a list that is loaded at every start of the pod, or what is in the image. */
export type JenkinsPlugins =
  | {
      readonly from: "updateSite";
      /** `name:version` each. */
      readonly list: readonly string[];
      /** Address of a mirror. @default the one of the Jenkins project */
      readonly url?: string | undefined;
    }
  | { readonly from: "image" };

export interface JenkinsPodFacts {
  readonly name: string;
  readonly image: ContainerImage;
  readonly port: number;
  readonly resources: Resources;
  readonly builds: JenkinsBuilds;
  readonly plugins: JenkinsPlugins;
  readonly serviceAccountName: pulumi.Input<string>;
  /** Of the image. @default any */
  readonly architecture: "amd64" | "arm64" | undefined;
  readonly claimName: pulumi.Input<string>;
  readonly configurationName: pulumi.Input<string>;
  readonly secretName: pulumi.Input<string>;
  readonly sonarToken: SonarToken | undefined;
  /** ConfigMap with authorities to trust. @default the public ones have to do */
  readonly authoritiesName: string | undefined;
  /** Variables that upstream's image reads. */
  readonly variables: JenkinsVariables;
}

/** The one pod of Jenkins. */
export function jenkinsPod(facts: JenkinsPodFacts): PodSpec {
  const { authoritiesName, plugins, image } = facts;
  const trusted = authoritiesName === undefined ? noTrust : trust("java", authoritiesName, image);
  const variables = Object.entries({
    HARBOR_URL: facts.variables.HARBOR_URL,
    JENKINS_URL: facts.variables.JENKINS_URL,
    SONARQUBE_URL: facts.variables.SONARQUBE_URL,
    CASC_JENKINS_CONFIG: `${CONFIGURATION}/${CONFIGURATION_FILE}`,
    // Without the wizard nobody waits for a person. Half of the limit is the heap, since builds run beside it.
    JAVA_OPTS: ["-Djenkins.install.runSetupWizard=false", "-XX:MaxRAMPercentage=50.0", ...trusted.jvm].join(" "),
  }).map(([name, value]) => ({ name, value }));
  const home = { name: "home", mountPath: HOME };
  const pluginsMount = { name: "plugins", mountPath: PLUGINS };
  const configuration = { name: "configuration", mountPath: CONFIGURATION, readOnly: true };
  const fromSite = plugins.from === "updateSite";
  const answers = httpProbe("/login", "http", { timeoutSeconds: 10, failureThreshold: 6 });
  const pod = restrictedPod({
    identity: { uid: 1000 },
    serviceAccountName: facts.serviceAccountName,
    initContainers: [
      ...trusted.initContainers,
      {
        name: "plugins",
        image,
        command: ["sh", "-c", preparation],
        env: [
          ...(fromSite ? [{ name: "PLUGIN_LIST", value: `${CONFIGURATION}/${PLUGINS_FILE}` }] : []),
          ...(fromSite && plugins.url !== undefined ? mirrorVariables(plugins.url) : []),
          // The list of all plugins is read into memory, more than the quarter that Java takes by itself.
          { name: "JAVA_OPTS", value: ["-XX:MaxRAMPercentage=75.0", ...trusted.jvm].join(" ") },
        ],
        resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "1536Mi" } },
        volumeMounts: [home, configuration, ...trusted.volumeMounts, ...(fromSite ? [pluginsMount] : [])],
        writable: ["/tmp"],
      },
    ],
    containers: [
      {
        name: facts.name,
        image,
        env: variables.sort((left, right) => (left.name < right.name ? -1 : 1)),
        ports: [{ name: "http", containerPort: facts.port, protocol: "TCP" }],
        resources: facts.resources,
        startupProbe: startsWithin(600, answers),
        livenessProbe: answers,
        readinessProbe: answers,
        volumeMounts: [
          home,
          configuration,
          ...trusted.volumeMounts,
          ...(fromSite ? [pluginsMount] : []),
          { name: "secrets", mountPath: SECRETS, readOnly: true },
        ],
        writable: ["/tmp"],
      },
    ],
    volumes: [
      ...trusted.volumes,
      { name: "home", persistentVolumeClaim: { claimName: facts.claimName } },
      { name: "configuration", configMap: { name: facts.configurationName } },
      { name: "secrets", projected: { defaultMode: 0o440, sources: secretSources(facts) } },
      ...(fromSite ? [{ name: "plugins", emptyDir: { sizeLimit: "1Gi" } }] : []),
    ],
    placement: {
      ...(facts.architecture !== undefined && { nodeSelector: { "kubernetes.io/arch": facts.architecture } }),
      affinity: notOnEdgeNodes,
      terminationGracePeriodSeconds: 60, // it writes the state of running builds
    },
  });
  return facts.builds === "privileged" ? withAllRights(pod, facts.name) : pod;
}

function secretSources({ secretName, sonarToken }: JenkinsPodFacts): types.input.core.v1.VolumeProjection[] {
  return [
    { secret: { name: secretName } },
    ...(sonarToken?.kind === "secretKey"
      ? [
          {
            secret: {
              name: sonarToken.secretName,
              items: [{ key: sonarToken.key, path: jenkinsSecrets.sonarToken }],
            },
          },
        ]
      : []),
  ];
}

/** The same pod with its container, and nothing else, as root with all rights over the node. */
function withAllRights(pod: PodSpec, name: string): PodSpec {
  const containers = pod.containers as Container[];
  return {
    ...pod,
    containers: containers.map((container) =>
      container.name === name
        ? {
            ...container,
            securityContext: { privileged: true, runAsUser: 0, runAsNonRoot: false, readOnlyRootFilesystem: false },
          }
        : container,
    ),
  };
}

/** The plugin program keeps an address of its own for each of these; a mirror has them all, laid out like the original. */
function mirrorVariables(url: string): { name: string; value: string }[] {
  const base = url.replace(/\/+$/, "");
  return [
    { name: "JENKINS_UC", value: base },
    { name: "JENKINS_UC_EXPERIMENTAL", value: `${base}/experimental` },
    { name: "JENKINS_UC_DOWNLOAD_URL", value: `${base}/download/plugins` },
    { name: "JENKINS_PLUGIN_INFO", value: `${base}/current/plugin-versions.json` },
  ];
}
