import { StatefulSet } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Secret, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, NamespaceBinding, NetworkPlace, Workload } from "../contracts";
import { clientRanges } from "../exposure/web-exposure";
import { checksumAnnotation } from "../kubernetes/checksum";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import { keepsItsOrder, withoutOrder } from "../kubernetes/stateful-set";
import { ADMINISTRATOR, administratorScript, type MariaDbAdministration } from "./mariadb-administrator";
import { MARIADB_PORT, serverConfiguration } from "./mariadb-configuration";
import { PASSWORD_LENGTH } from "./mariadb-password";
import { CONFIGURATION_FILE, DATA_VOLUME, serverPod, serverSecretKeys } from "./mariadb-pod";

export interface MariaDbArgs {
  readonly namespace: NamespaceBinding;
  /** System that the server belongs to, for the labels and the connection graph. */
  readonly system: string;
  /** StatefulSet and Service: `mariadb` (upstream, v1.6.0), `cp-mariadb` (upstream, v1.4.1). */
  readonly instance: string;
  /** The official image, MariaDB 10.11 or later. */
  readonly image: ResolvedImage;
  readonly resources: Resources & { readonly limits: { readonly memory: string } };
  /** The claim: a Kubernetes quantity, and the storage class. @default the cluster's default class */
  readonly storage: { readonly size: string; readonly class?: string | undefined };
  /** Connections of all clients together. */
  readonly maxConnections: number;
  /** Opens the server on this port of every node, 30000 to 32767. @default only pods reach it */
  readonly nodePort?: number | undefined;
  /** DNS domain of the cluster, `cluster.local` nearly everywhere. */
  readonly clusterDomain: string;
  readonly lifecycle: {
    /** Refuse to delete or replace the server and its administrator's password. */
    readonly protectData: boolean;
    /** Leave the claim in the cluster when the stack is destroyed. */
    readonly retainData: boolean;
  };
}

/**
 * One MariaDB server on a ReadWriteOnce claim. It has an administrator and nobody else: `MariaDbAccess` makes schemas
 * and logins. There is never a second instance; where that is needed, take an external server.
 */
export class MariaDb extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** Login of the administrator. */
  readonly administration: MariaDbAdministration;

  constructor(name: string, args: MariaDbArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:data:MariaDb", name, {}, opts);
    const child = { parent: this };
    const fixedName = { ...child, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { instance, lifecycle, nodePort } = args;
    const { plainName, name: namespace } = args.namespace;
    const facts = { system: args.system, software: "mariadb", instance };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, component: "database", version: args.image.version });
    const metadata = { namespace, labels };
    const server: Workload = { system: args.system, name: instance, namespace: plainName, podLabels };

    const password = this.password(`${name}-administrator-password`, lifecycle.protectData);
    const rootPassword = this.password(`${name}-root-password`, false);
    const administrator = pulumi.secret(
      pulumi.all([password, rootPassword]).apply(([own, root]) => administratorScript(own, root)),
    );
    const secret = new Secret(
      `${name}-server`,
      {
        metadata,
        stringData: {
          [serverSecretKeys.administrator]: administrator,
          [serverSecretKeys.root]: rootPassword,
        },
      },
      child,
    );
    const configuration = serverConfiguration({
      maxConnections: args.maxConnections,
      memory: args.resources.limits.memory,
    });
    const configMap = new ConfigMap(
      `${name}-configuration`,
      { metadata, data: { [CONFIGURATION_FILE]: configuration } },
      child,
    );
    const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, child);
    const statefulSet = new StatefulSet(
      `${name}-server`,
      {
        metadata: { ...metadata, name: instance },
        spec: {
          serviceName: instance,
          replicas: 1,
          ...withoutOrder,
          selector: { matchLabels: { ...podLabels } },
          persistentVolumeClaimRetentionPolicy: {
            whenDeleted: lifecycle.retainData ? "Retain" : "Delete",
            whenScaled: "Retain",
          },
          template: {
            metadata: {
              labels,
              // The server reads both at its start only.
              annotations: checksumAnnotation(pulumi.jsonStringify({ configuration, administrator })),
            },
            spec: serverPod({
              image: args.image,
              resources: args.resources,
              serviceAccountName: account.metadata.name,
              configMapName: configMap.metadata.name,
              secretName: secret.metadata.name,
            }),
          },
          volumeClaimTemplates: [
            {
              // No version among the labels: a template of claims can never be changed.
              metadata: { name: DATA_VOLUME, labels: { ...podLabels } },
              spec: {
                accessModes: ["ReadWriteOnce"],
                ...(args.storage.class !== undefined && { storageClassName: args.storage.class }),
                resources: { requests: { storage: args.storage.size } },
              },
            },
          ],
        },
      },
      {
        ...fixedName,
        ...keepsItsOrder,
        protect: lifecycle.protectData,
        customTimeouts: { create: "20m", update: "20m" },
      },
    );
    const service = new Service(
      `${name}-service`,
      {
        metadata: {
          ...metadata,
          name: instance,
          ...(nodePort !== undefined && {
            annotations: exceptionAnnotations({
              "exposed-services": "The stack's settings give the database a node port.",
            }),
          }),
        },
        spec: {
          ...(nodePort !== undefined && { type: "NodePort" }),
          selector: { ...podLabels },
          ports: [
            { name: "mariadb", port: MARIADB_PORT, targetPort: "mariadb", ...(nodePort !== undefined && { nodePort }) },
          ],
        },
      },
      { ...fixedName, dependsOn: [statefulSet] }, // its address is of use only with a server behind it
    );

    this.workloads = [server];
    this.connections =
      nodePort === undefined
        ? []
        : [
            {
              from: { system: "Clients", peer: { cidrs: clientRanges({ type: "nodePort" }) } },
              to: server,
              ports: [MARIADB_PORT],
            },
          ];
    this.administration = {
      system: "MariaDB",
      ports: [MARIADB_PORT],
      peer: { namespace: plainName, podLabels },
      host: `${instance}.${plainName}.svc.${args.clusterDomain}`,
      port: MARIADB_PORT,
      username: ADMINISTRATOR,
      password: pulumi.secret(password),
      ready: [service],
    };
    this.registerOutputs({ host: this.administration.host });
  }

  private password(name: string, protect: boolean): pulumi.Output<string> {
    return new RandomPassword(name, { length: PASSWORD_LENGTH, special: false }, { parent: this, protect }).result;
  }
}
