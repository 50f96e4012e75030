import { CronJob, Job } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap, Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, Endpoint, NamespaceBinding, NetworkPlace, VaultEndpoint, Workload } from "../contracts";
import { bootstrapAnnotations, bootstrapPod, giveUpOn } from "../kubernetes/bootstrap-job";
import { contentHash } from "../kubernetes/checksum";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { contentNamed, runOnce } from "../kubernetes/job";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import type { HostAccount } from "./host-cluster-account";
import type { VaultServer } from "./vault";
import { addBootstrapAccess } from "./vault-bootstrap-access";
import { credentialKey, desiredVaultState, type TokenLife } from "./vault-desired-state";
import { BOOTSTRAP_SCRIPT, bootstrapFiles } from "./vault-files";
import type { VaultPolicy } from "./vault-policy";

const NAME = "vault-bootstrap";
const CONTAINER = "bootstrap";
const DESIRED_FILE = "desired-state.json";
const AUTHORITY_FILE = "vault-ca.crt";
const FILES_DIRECTORY = "/etc/vault-bootstrap";
const CREDENTIALS_DIRECTORY = "/run/secrets/vault-bootstrap";
const DEADLINE_SECONDS = 1800;
/** Exit codes of the script after which another try would fail the same way: wrong input, and what people have to put right. */
const HOPELESS = [2, 3];

/** Chosen here and given to Vault, so that the Secrets of applications need nothing that only a running Vault knows. */
const generated = { length: 40, special: false };

export interface VaultBootstrapArgs<Application extends string> {
  /** Vault's own. */
  readonly namespace: NamespaceBinding;
  /** Python 3; the scripts use the standard library only. */
  readonly image: ResolvedImage;
  readonly server: VaultServer;
  readonly kubernetesApi: Endpoint;
  /** Mount point of the key-value engine, version 2. Upstream: `secret`. */
  readonly engine: string;
  /** Beginning of the names of all applications; roles and policies in Vault that begin so, and are none, are deleted. */
  readonly rolePrefix: string;
  /** Application → what it may do. Role and policy have the application's name. */
  readonly policies: pulumi.Input<Readonly<Record<Application, VaultPolicy>>>;
  readonly applications: readonly Application[];
  /** Another number gives every application a new secret id. */
  readonly rotation: number;
  readonly tokenLife: TokenLife;
  /** Write every request to standard output, secrets replaced by hashes. */
  readonly audit: boolean;
  /** The entry of the cluster that the platform runs on. @default none is written */
  readonly hostCluster?:
    | {
        readonly id: pulumi.Input<string>;
        /** Address of the API server, as the portal uses it. */
        readonly apiUrl: string;
        readonly account: HostAccount;
        /** Life of the token that is asked for, seconds; the API server may give less. */
        readonly tokenSeconds: number;
      }
    | undefined;
  /** When everything is looked through again, five cron fields: it unseals nodes and renews the host cluster's token. */
  readonly schedule: string;
}

/** Opens a Vault for the first time and keeps in it what the applications need: engine, policies, roles, host cluster. */
export class VaultBootstrap<Application extends string> extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];

  private readonly logins: ReadonlyMap<Application, VaultEndpoint>;

  constructor(name: string, args: VaultBootstrapArgs<Application>, opts?: pulumi.ComponentResourceOptions) {
    super("platform:secrets:VaultBootstrap", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { server, hostCluster } = args;
    const facts = { system: "vault", software: NAME, instance: NAME };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, component: "bootstrap" });
    const metadata = { name: NAME, namespace: args.namespace.name, labels };

    const roles = [...args.applications].sort().map((application) => ({
      application,
      // Not a UUID, which Vault would make itself: the engine shows that resource's value as its id.
      roleId: new RandomPassword(`${name}-${application}-role`, generated, { parent: this }).result,
      secretId: new RandomPassword(
        `${name}-${application}-secret`,
        { ...generated, keepers: { rotation: String(args.rotation) } },
        { parent: this },
      ).result,
    }));
    const credentials = Object.fromEntries(
      roles.flatMap(({ application, roleId, secretId }) => [
        [credentialKey(application, "role-id"), pulumi.secret(roleId)],
        [credentialKey(application, "secret-id"), pulumi.secret(secretId)],
      ]),
    );
    const desired = desiredStateOf(args);
    const { certificateAuthority } = server;
    const configMap = new ConfigMap(
      `${name}-files`,
      {
        metadata,
        data: {
          ...bootstrapFiles,
          [DESIRED_FILE]: desired,
          ...(certificateAuthority !== undefined && { [AUTHORITY_FILE]: certificateAuthority }),
        },
      },
      fixedName,
    );
    const secret = new Secret(`${name}-credentials`, { metadata, stringData: credentials }, fixedName);
    const access = addBootstrapAccess(
      name,
      {
        objectName: NAME,
        namespace: args.namespace,
        labels,
        keysSecretName: server.keysSecretName,
        hostAccount: hostCluster?.account,
      },
      this,
    );
    const pod = bootstrapPod({
      name: CONTAINER,
      image: args.image,
      serviceAccountName: NAME,
      mountToken: true,
      script: BOOTSTRAP_SCRIPT,
      files: { configMapName: NAME, directory: FILES_DIRECTORY },
      credentials: { secretName: NAME, directory: CREDENTIALS_DIRECTORY },
      variables: {
        DESIRED_STATE: `${FILES_DIRECTORY}/${DESIRED_FILE}`,
        CREDENTIALS_DIRECTORY,
        ...(server.certificateAuthority !== undefined && { VAULT_CA_FILE: `${FILES_DIRECTORY}/${AUTHORITY_FILE}` }),
      },
    });
    const spec = {
      ...runOnce({ labels, pod, deadlineSeconds: DEADLINE_SECONDS }),
      podFailurePolicy: giveUpOn(CONTAINER, HOPELESS),
    };
    const exceptions = exceptionAnnotations({
      "automount-service-account-token": "It keeps Vault's keys in a Secret and asks for the portal's token.",
    });
    const { reference: image } = args.image;
    const job = new Job(
      `${name}-job`,
      {
        metadata: {
          ...metadata,
          // The secret ids are 40 random characters each, so that nothing can be learnt from their hash.
          name: pulumi.unsecret(
            pulumi
              .all([desired, pulumi.output(credentials).apply(contentHash), certificateAuthority])
              .apply(([state, version, authority]) =>
                contentNamed(NAME, { bootstrapFiles, state, version, authority, image }),
              ),
          ),
          annotations: { ...bootstrapAnnotations, ...exceptions },
        },
        spec,
      },
      {
        parent: this,
        dependsOn: [configMap, secret, ...access, ...server.ready], // the Job would wait for it, but its time is limited
        customTimeouts: { create: "35m", update: "35m" },
      },
    );
    new CronJob(
      `${name}-schedule`,
      {
        metadata: { ...metadata, annotations: exceptions },
        spec: {
          schedule: args.schedule,
          concurrencyPolicy: "Forbid",
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          startingDeadlineSeconds: 3600,
          jobTemplate: { metadata: { labels }, spec },
        },
      },
      { ...fixedName, dependsOn: [job] }, // two runs at a time would get in each other's way
    );

    const workload: Workload = { system: "vault", name: NAME, namespace: args.namespace.plainName, podLabels };
    this.workloads = [workload];
    this.connections = [
      { from: workload, to: server, ports: server.ports },
      { from: workload, to: args.kubernetesApi, ports: args.kubernetesApi.ports },
    ];
    this.logins = new Map(
      roles.map(({ application, roleId, secretId }) => [
        application,
        vaultLogin(server, application, roleId, secretId, [job]),
      ]),
    );
    this.registerOutputs({});
  }

  /** The login of one of the applications given in the arguments. */
  endpoint(application: Application): VaultEndpoint {
    const login = this.logins.get(application);
    if (login === undefined) {
      const known = [...this.logins.keys()].join(", ");
      throw new pulumi.ResourceError(`Vault has no role for "${application}"; it has: ${known}.`, this);
    }
    return login;
  }
}

function desiredStateOf(args: VaultBootstrapArgs<string>): pulumi.Output<string> {
  const { server, hostCluster } = args;
  return pulumi.all([args.policies, hostCluster?.id]).apply(([policies, clusterId]) =>
    desiredVaultState({
      nodes: server.nodes,
      seal: server.seal,
      keysSecret: { namespace: args.namespace.plainName, name: server.keysSecretName },
      audit: args.audit,
      engine: args.engine,
      rolePrefix: args.rolePrefix,
      policies: Object.fromEntries(args.applications.map((application) => [application, policies[application] ?? {}])),
      tokenLife: args.tokenLife,
      ...(hostCluster !== undefined &&
        clusterId !== undefined && {
          hostCluster: {
            id: clusterId,
            apiUrl: hostCluster.apiUrl,
            account: { namespace: hostCluster.account.namespace, name: hostCluster.account.name },
            tokenSeconds: hostCluster.tokenSeconds,
          },
        }),
    }),
  );
}

function vaultLogin(
  server: VaultServer,
  roleName: string,
  roleId: pulumi.Output<string>,
  secretId: pulumi.Output<string>,
  ready: readonly pulumi.Resource[],
): VaultEndpoint {
  const { system, ports, peer, scheme, host, port, certificateAuthority } = server;
  return {
    system,
    ports,
    peer,
    scheme,
    host,
    port,
    url: `${scheme}://${host}:${port}`,
    roleName,
    roleId: pulumi.secret(roleId),
    secretId: pulumi.secret(secretId),
    ...(certificateAuthority !== undefined && { certificateAuthority }),
    ready,
  };
}
