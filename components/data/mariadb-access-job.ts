import type { types } from "@pulumi/kubernetes";
import { Job } from "@pulumi/kubernetes/batch/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Workload } from "../contracts";
import { bootstrapAnnotations, giveUpOn } from "../kubernetes/bootstrap-job";
import { contentHash } from "../kubernetes/checksum";
import { contentNamed, runOnce } from "../kubernetes/job";
import { restrictedPod } from "../kubernetes/pod";
import { SCRIPT_FILE } from "./mariadb-access-plan";
import type { MariaDbAdministration } from "./mariadb-administrator";
import { UID } from "./mariadb-pod";

const CONTAINER = "access";
const FILES_DIRECTORY = "/etc/mariadb-access";
const CREDENTIALS_DIRECTORY = "/run/secrets/mariadb-access";

/** Keys of the Secret that the Job mounts. */
export const accessSecretKeys = {
  /** Password of the administrator. */
  administrator: "administrator",
  /** SQL that makes the logins. */
  logins: "logins.sql",
  /** PEM of the authority of the server's certificate; empty: it is not looked at. */
  authority: "ca.crt",
} as const;

/** What the Jobs of one access plan have in common. */
export interface AccessJobFacts {
  readonly image: ResolvedImage;
  readonly server: MariaDbAdministration;
  readonly workload: Workload;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly files: {
    readonly configMapName: pulumi.Input<string>;
    readonly content: pulumi.Output<Readonly<Record<string, string>>>;
  };
  readonly secret: { readonly name: pulumi.Input<string>; readonly content: pulumi.Output<Record<string, string>> };
}

/**
 * Makes a Job that brings the server to the plan.
 * @param suffix end of the Job's name, before the hash
 * @param awaitedTables `schema.table`; the Job waits for them before it grants rights
 */
export function addAccessJob(
  name: string,
  facts: AccessJobFacts,
  {
    suffix,
    awaitedTables,
    dependsOn,
  }: {
    readonly suffix: string;
    readonly awaitedTables: readonly string[];
    readonly dependsOn: readonly pulumi.Resource[];
  },
  parent: pulumi.Resource,
): Job {
  const { image, files, labels } = facts;
  // Generated passwords of 32 characters and what follows from them: their hash gives nothing away.
  const version = pulumi.unsecret(facts.secret.content.apply(contentHash));
  return new Job(
    name,
    {
      metadata: {
        namespace: facts.namespace,
        name: pulumi.all([files.content, version]).apply(([content, secrets]) =>
          contentNamed(`${facts.workload.name}${suffix}`, {
            content,
            secrets,
            host: facts.server.host,
            awaitedTables,
            image: image.reference,
          }),
        ),
        labels: { ...labels },
        annotations: { ...bootstrapAnnotations },
      },
      spec: {
        ...runOnce({ labels, pod: accessPod(facts, awaitedTables) }),
        podFailurePolicy: giveUpOn(CONTAINER, [2, 3]),
      },
    },
    {
      parent,
      dependsOn: [...facts.server.ready, ...dependsOn],
      customTimeouts: { create: "16m", update: "16m" },
    },
  );
}

function accessPod(
  { image, server, files, secret, serviceAccountName }: AccessJobFacts,
  awaitedTables: readonly string[],
): types.input.core.v1.PodSpec {
  return restrictedPod({
    identity: { uid: UID },
    serviceAccountName,
    containers: [
      {
        name: CONTAINER,
        image,
        command: ["sh", `${FILES_DIRECTORY}/${SCRIPT_FILE}`],
        env: [
          { name: "DATABASE_HOST", value: server.host },
          { name: "DATABASE_PORT", value: String(server.port) },
          { name: "DATABASE_USER", value: server.username },
          { name: "FILES_DIRECTORY", value: FILES_DIRECTORY },
          { name: "CREDENTIALS_DIRECTORY", value: CREDENTIALS_DIRECTORY },
          ...(awaitedTables.length > 0 ? [{ name: "AWAITED_TABLES", value: awaitedTables.join(" ") }] : []),
        ],
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "250m", memory: "128Mi" } },
        volumeMounts: [
          { name: "files", mountPath: FILES_DIRECTORY, readOnly: true },
          { name: "secrets", mountPath: CREDENTIALS_DIRECTORY, readOnly: true },
        ],
        writable: ["/tmp"], // where a shell may keep the text that it passes on
      },
    ],
    volumes: [
      { name: "files", configMap: { name: files.configMapName } },
      { name: "secrets", secret: { secretName: secret.name, defaultMode: 0o440 } },
    ],
  });
}
