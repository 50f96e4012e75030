import type { types } from "@pulumi/kubernetes";
import { Job } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap, Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { NamespaceBinding, Workload } from "../contracts";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { contentNamed, runOnce } from "../kubernetes/job";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import { restrictedPod } from "../kubernetes/pod";
import { ADMINISTRATOR, accessScript, PLAN_VARIABLE } from "./postgres-access";
import { POSTGRES_PORT } from "./postgres-configuration";
import { serverSecretKeys, UID } from "./postgres-pod";
import { waitForPostgres } from "./postgres-wait";
import { fromSecret } from "./secret-variable";

const SCRIPT_VOLUME = "access";
const SCRIPT_DIRECTORY = "/access";

/** Key of the script in its ConfigMap, and so the name of the file. */
const SCRIPT_FILE = "access.sql";

const scriptData: Readonly<Record<string, string>> = { [SCRIPT_FILE]: accessScript };

export interface AccessJobFacts {
  readonly namespace: NamespaceBinding;
  /** System of the server. */
  readonly system: string;
  /** Instance of the server. */
  readonly instance: string;
  readonly image: ResolvedImage;
  /** Secret. What {@link accessScript} is to make. */
  readonly plan: pulumi.Output<string>;
  /** Service of the server. */
  readonly host: string;
  readonly tls: boolean;
  readonly serviceAccountName: pulumi.Input<string>;
  /** Secret with the administrator's password. */
  readonly serverSecretName: pulumi.Input<string>;
  /** The server and its Service. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Makes the Job that makes roles and databases, at the first start of a server and again whenever the plan changes. */
export function addAccessJob(
  name: string,
  facts: AccessJobFacts,
  parent: pulumi.Resource,
): { readonly workload: Workload; readonly job: Job } {
  const { plan, image } = facts;
  const instance = `${facts.instance}-access`;
  const names = { system: facts.system, software: "postgresql", instance };
  const labels = standardLabels({ ...names, component: "access" });
  const podLabels = selectorLabels(names);
  const metadata = { namespace: facts.namespace.name, labels };
  const planSecret = new Secret(`${name}-access-plan`, { metadata, stringData: { [PLAN_VARIABLE]: plan } }, { parent });
  const script = new ConfigMap(`${name}-access-script`, { metadata, data: scriptData }, { parent });
  const job = new Job(
    `${name}-access`,
    {
      metadata: {
        ...metadata,
        // The plan holds generated passwords, so its hash gives nothing away.
        name: pulumi.unsecret(
          plan.apply((each) => contentNamed(instance, { plan: each, scriptData, image: image.reference })),
        ),
        annotations: {
          ...exceptionAnnotations({
            "job-ttl-seconds-after-finished": "Once gone by itself, the next `up` would make it and run it again.",
          }),
          // A run that failed for good is made anew by the next `up`.
          "pulumi.com/replaceUnready": "true",
        },
      },
      spec: runOnce({
        labels,
        pod: accessPod({ ...facts, planSecretName: planSecret.metadata.name, scriptName: script.metadata.name }),
      }),
    },
    { parent, dependsOn: [...facts.dependsOn], customTimeouts: { create: "16m", update: "16m" } },
  );
  return {
    workload: { system: facts.system, name: instance, namespace: facts.namespace.plainName, podLabels },
    job,
  };
}

interface AccessPodFacts extends Omit<AccessJobFacts, "namespace" | "system" | "instance" | "plan" | "dependsOn"> {
  /** Secret with the plan under {@link PLAN_VARIABLE}. */
  readonly planSecretName: pulumi.Input<string>;
  /** ConfigMap with the script. */
  readonly scriptName: pulumi.Input<string>;
}

/** The pod that makes roles and databases, once it can log in as administrator. */
function accessPod(facts: AccessPodFacts): types.input.core.v1.PodSpec {
  const { image, serverSecretName } = facts;
  const env = [
    { name: "PGHOST", value: facts.host },
    { name: "PGPORT", value: String(POSTGRES_PORT) },
    { name: "PGDATABASE", value: "postgres" },
    { name: "PGUSER", value: ADMINISTRATOR },
    { name: "PGSSLMODE", value: facts.tls ? "require" : "disable" },
    fromSecret("PGPASSWORD", serverSecretName, serverSecretKeys.administrator),
  ];
  return restrictedPod({
    identity: { uid: UID },
    serviceAccountName: facts.serviceAccountName,
    initContainers: [waitForPostgres({ image, env })],
    containers: [
      {
        name: "access",
        image,
        command: ["psql", "--no-psqlrc", "--no-password", "--quiet", `--file=${SCRIPT_DIRECTORY}/${SCRIPT_FILE}`],
        env: [...env, fromSecret(PLAN_VARIABLE, facts.planSecretName, PLAN_VARIABLE)],
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "250m", memory: "128Mi" } },
        volumeMounts: [{ name: SCRIPT_VOLUME, mountPath: SCRIPT_DIRECTORY, readOnly: true }],
      },
    ],
    volumes: [{ name: SCRIPT_VOLUME, configMap: { name: facts.scriptName } }],
  });
}
