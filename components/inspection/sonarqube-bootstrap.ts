import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import { CronJob, Job } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap, Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, Endpoint, NamespaceBinding, Workload } from "../contracts";
import { bootstrapAnnotations, bootstrapPod, giveUpOn } from "../kubernetes/bootstrap-job";
import { contentHash } from "../kubernetes/checksum";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { contentNamed, runOnce } from "../kubernetes/job";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import { desiredState, passwordFile, type SonarConsumer } from "./sonarqube-desired-state";
import { addTokenSecret } from "./token-secret";

const SCRIPT_FILE = "sonarqube_bootstrap.py";
const DESIRED_FILE = "desired-state.json";
const FILES_DIRECTORY = "/etc/sonarqube-bootstrap";
const CREDENTIALS_DIRECTORY = "/run/secrets/sonarqube-bootstrap";
const ADMINISTRATOR_KEY = "administrator";
const CONTAINER = "bootstrap";

/** The script that the jobs run, and the modules that it imports. */
export const bootstrapFiles: Readonly<Record<string, string>> = Object.fromEntries(
  [SCRIPT_FILE, "sonarqube_api.py", "kubernetes_secret.py"].map((file) => [
    file,
    readFileSync(join(__dirname, "scripts", file), "utf8"),
  ]),
);

/** A consumer, the namespace of its pods and the password of its user. */
export interface BootstrapConsumer extends Omit<SonarConsumer, "secret"> {
  readonly namespace: NamespaceBinding;
  readonly secretName: string;
  /** Secret, generated. */
  readonly password: pulumi.Output<string>;
}

export interface SonarBootstrapFacts {
  readonly namespace: NamespaceBinding;
  /** System that the server belongs to. */
  readonly system: string;
  /** Name of all its objects. */
  readonly instance: string;
  /** Python 3; the script uses the standard library only. */
  readonly image: ResolvedImage;
  /** Base URL of the server in the cluster, reachable while the server is not ready. */
  readonly url: string;
  /** What the jobs need of the server. */
  readonly after: readonly pulumi.Resource[];
  readonly server: Workload;
  readonly serverPort: number;
  /** Secret. */
  readonly administratorPassword: pulumi.Output<string>;
  readonly consumers: readonly BootstrapConsumer[];
  /** Address that the server writes into links. @default none */
  readonly publicUrl: string | undefined;
  /** Settings of the server, by name. */
  readonly serverSettings: Readonly<Record<string, string>>;
  /** When everything is looked through again, five cron fields. */
  readonly schedule: string;
  readonly kubernetesApi: Endpoint;
}

/** What {@link addSonarBootstrap} made. */
export interface SonarBootstrap {
  readonly workload: Workload;
  readonly connections: readonly Connection[];
  /** Done when the first password is changed and every consumer has its token. */
  readonly job: Job;
}

/**
 * The jobs that change the first password of a server and give each consumer a user and a token: once for each change
 * of what is wanted, and on a schedule, which makes tokens anew that were revoked or end soon.
 */
export function addSonarBootstrap(name: string, facts: SonarBootstrapFacts, parent: pulumi.Resource): SonarBootstrap {
  const fixedName = { parent, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
  const { instance, consumers } = facts;
  const identity = { system: facts.system, software: "sonarqube-bootstrap", instance };
  const podLabels = selectorLabels(identity);
  const labels = standardLabels({ ...identity, component: "bootstrap" });
  const metadata = { name: instance, namespace: facts.namespace.name, labels };
  const desired = desiredState(
    consumers.map(({ username, displayName, tokenDays, namespace, secretName }) => ({
      username,
      displayName,
      tokenDays,
      secret: { namespace: namespace.plainName, name: secretName },
    })),
    facts.publicUrl,
    facts.serverSettings,
  );
  const files = new ConfigMap(
    `${name}-files`,
    { metadata, data: { ...bootstrapFiles, [DESIRED_FILE]: desired } },
    fixedName,
  );
  const passwords = {
    [ADMINISTRATOR_KEY]: facts.administratorPassword,
    ...Object.fromEntries(consumers.map(({ username, password }) => [passwordFile(username), password])),
  };
  const secret = new Secret(`${name}-passwords`, { metadata, stringData: passwords }, fixedName);
  const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, fixedName);
  const writable = consumers.map((consumer) =>
    addTokenSecret(
      `${name}-${consumer.username}`,
      { ...consumer, labels, writer: { account, accountName: instance, namespace: facts.namespace.plainName } },
      parent,
    ),
  );
  const spec: types.input.batch.v1.JobSpec = {
    ...runOnce({
      labels,
      pod: bootstrapPod({
        name: CONTAINER,
        image: facts.image,
        serviceAccountName: instance,
        mountToken: true,
        script: SCRIPT_FILE,
        files: { configMapName: instance, directory: FILES_DIRECTORY },
        credentials: { secretName: instance, directory: CREDENTIALS_DIRECTORY },
        variables: {
          CREDENTIALS_DIRECTORY,
          DESIRED_STATE: `${FILES_DIRECTORY}/${DESIRED_FILE}`,
          SONARQUBE_URL: facts.url,
        },
      }),
      deadlineSeconds: 1800,
    }),
    // With wrong input or a wrong password another try would fail the same way.
    podFailurePolicy: giveUpOn(CONTAINER, [2, 3]),
  };
  const { reference: image } = facts.image;
  // Of the generated passwords alone, so that nothing can be learnt from the hash. Another password of the administrator
  // changes nothing in the server: the Job failed before, and is made anew, or the schedule uses it.
  const version = pulumi.unsecret(pulumi.all(consumers.map(({ password }) => password)).apply(contentHash));
  const job = new Job(
    `${name}-job`,
    {
      metadata: {
        ...metadata,
        name: version.apply((each) => contentNamed(instance, { bootstrapFiles, desired, image, version: each })),
        annotations: { ...bootstrapAnnotations, ...exceptionAnnotations(tokenMount) },
      },
      spec,
    },
    {
      parent,
      // Without the rights to write tokens its first try would be refused.
      dependsOn: [...facts.after, files, secret, account, ...writable],
      customTimeouts: { create: "35m", update: "35m" },
    },
  );
  new CronJob(
    `${name}-schedule`,
    {
      metadata: { ...metadata, annotations: exceptionAnnotations(tokenMount) },
      spec: {
        schedule: facts.schedule,
        concurrencyPolicy: "Forbid",
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
        startingDeadlineSeconds: 3600,
        jobTemplate: { metadata: { labels }, spec },
      },
    },
    { ...fixedName, dependsOn: [job] }, // two runs at a time would revoke each other's tokens
  );
  const workload: Workload = {
    system: facts.system,
    name: instance,
    namespace: facts.namespace.plainName,
    podLabels,
  };
  return {
    workload,
    connections: [
      { from: workload, to: facts.server, ports: [facts.serverPort] },
      { from: workload, to: facts.kubernetesApi, ports: facts.kubernetesApi.ports },
    ],
    job,
  };
}

const tokenMount = { "automount-service-account-token": "It writes the tokens into the Secrets of the consumers." };
