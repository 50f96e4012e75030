import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { PersistentVolume, PersistentVolumeClaim, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, Endpoint, NamespaceBinding, NetworkPlace, Workload } from "../contracts";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";
import { restrictedPod } from "../kubernetes/pod";
import { provisionerClusterRules, provisionerLockRules } from "./nfs-provisioner-access";
import { nfsClaim, nfsVolume } from "./nfs-volume";

/** Name of the Deployment, its account and its label, as upstream has them. */
const PROVISIONER = "nfs-client-provisioner";
/** Name that the StorageClass and the provisioner know each other by. */
const PROVISIONER_NAME = "k8s-sigs.io/nfs-subdir-external-provisioner";
const LOCK_ROLE = `leader-locking-${PROVISIONER}`;
const EXPORT_VOLUME = "nfs-client-root";
/** The user `nobody`, which an NFS server with `root_squash` makes of root: root would not be able to do more. */
const UID = 65534;

export interface NfsProvisionerArgs {
  readonly namespace: NamespaceBinding;
  readonly image: ResolvedImage;
  /** DNS name or address of the NFS server, as the machines of the cluster reach it. */
  readonly server: string;
  /** Exported directory below which each claim gets one of its own. User 65534 must be able to write there. */
  readonly path: string;
  /** Options of every mount, such as `nfsvers=4.1`. */
  readonly mountOptions: readonly string[];
  /** The StorageClass that it serves. */
  readonly storageClass: {
    /** Seed: `nfs-client`. */
    readonly name: string;
    /** Use it for claims that name no class. */
    readonly default: boolean;
    /** Rename the directory of a deleted claim instead of removing it. */
    readonly archiveOnDelete: boolean;
    readonly reclaimPolicy: "Delete" | "Retain";
  };
  /** The API server, which the provisioner watches for claims. */
  readonly kubernetesApi: Endpoint;
}

/** The NFS subdir provisioner of Kubernetes SIG Storage: every claim of its class gets a directory of the export. */
export class NfsProvisioner extends pulumi.ComponentResource implements NetworkPlace {
  readonly workload: Workload;
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];

  constructor(name: string, args: NfsProvisionerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:storage:NfsProvisioner", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true };
    const podLabels = { app: PROVISIONER };
    const labels = {
      ...podLabels,
      ...standardLabels({
        system: "nfs-provisioner",
        instance: PROVISIONER,
        component: "provisioner",
        version: args.image.version,
      }),
    };
    const metadata = (objectName: string) => ({ name: objectName, namespace: args.namespace.name, labels });
    this.workload = { system: "nfs-provisioner", name: PROVISIONER, namespace: args.namespace.plainName, podLabels };
    this.workloads = [this.workload];

    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: metadata(PROVISIONER), automountServiceAccountToken: false },
      fixedName,
    );
    const subjects = [{ kind: "ServiceAccount", name: PROVISIONER, namespace: args.namespace.plainName }];
    const clusterRole = new ClusterRole(
      `${name}-cluster-role`,
      { metadata: { name: `${PROVISIONER}-runner`, labels }, rules: provisionerClusterRules },
      fixedName,
    );
    const clusterBinding = new ClusterRoleBinding(
      `${name}-cluster-binding`,
      {
        metadata: { name: `run-${PROVISIONER}`, labels },
        subjects,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: `${PROVISIONER}-runner` },
      },
      { ...fixedName, dependsOn: [account, clusterRole] },
    );
    const lockRole = new Role(
      `${name}-lock-role`,
      { metadata: metadata(LOCK_ROLE), rules: provisionerLockRules },
      fixedName,
    );
    const lockBinding = new RoleBinding(
      `${name}-lock-binding`,
      {
        metadata: metadata(LOCK_ROLE),
        subjects,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: LOCK_ROLE },
      },
      { ...fixedName, dependsOn: [account, lockRole] },
    );

    const claimName = this.addExport(name, args, labels);
    const server = new Deployment(
      `${name}-server`,
      {
        metadata: {
          ...metadata(PROVISIONER),
          annotations: exceptionAnnotations({
            "automount-service-account-token": "It watches claims and makes volumes through the Kubernetes API.",
            "no-liveness-probe":
              "It listens on no port and ends by itself when it loses the lock of its leader election.",
            "no-readiness-probe": "It serves no clients: it watches claims.",
          }),
        },
        spec: {
          replicas: 1,
          strategy: { type: "Recreate" }, // a second one would only wait for the lock of the first
          selector: { matchLabels: podLabels },
          template: { metadata: { labels }, spec: provisionerPod(args, claimName) },
        },
      },
      { ...fixedName, dependsOn: [account, clusterBinding, lockBinding] }, // it ends at once when it may not watch
    );
    new StorageClass(
      `${name}-class`,
      {
        metadata: {
          name: args.storageClass.name,
          labels,
          annotations: { "storageclass.kubernetes.io/is-default-class": String(args.storageClass.default) },
        },
        provisioner: PROVISIONER_NAME,
        parameters: { archiveOnDelete: String(args.storageClass.archiveOnDelete) },
        reclaimPolicy: args.storageClass.reclaimPolicy,
        mountOptions: [...args.mountOptions],
      },
      { ...fixedName, dependsOn: [server] }, // a claim of a class that nobody serves waits without a word
    );
    this.connections = [{ from: this.workload, to: args.kubernetesApi, ports: args.kubernetesApi.ports }];
    this.registerOutputs({});
  }

  /** The export as a claim: the Pod Security level `restricted` refuses the inline NFS volume of upstream's manifest. */
  private addExport(name: string, args: NfsProvisionerArgs, labels: Record<string, string>): pulumi.Output<string> {
    const objectName = `${args.namespace.plainName}-${EXPORT_VOLUME}`;
    const facts = {
      ...args,
      size: "10Mi",
      storageClass: "",
      claim: { namespace: args.namespace.name, name: EXPORT_VOLUME },
    };
    const options = { parent: this, deleteBeforeReplace: true };
    const volume = new PersistentVolume(
      `${name}-export`,
      { metadata: { name: objectName, labels }, spec: nfsVolume(facts) },
      options,
    );
    const claim = new PersistentVolumeClaim(
      `${name}-export-claim`,
      {
        metadata: { name: EXPORT_VOLUME, namespace: args.namespace.name, labels },
        spec: nfsClaim(facts, volume.metadata.name),
      },
      options,
    );
    return claim.metadata.name;
  }
}

/** The provisioner's pod. */
export function provisionerPod(
  args: Pick<NfsProvisionerArgs, "image" | "server" | "path">,
  claimName: pulumi.Input<string>,
) {
  return restrictedPod({
    identity: { uid: UID },
    serviceAccountName: PROVISIONER,
    mountToken: true,
    containers: [
      {
        name: PROVISIONER,
        image: args.image,
        env: [
          { name: "NFS_PATH", value: args.path },
          { name: "NFS_SERVER", value: args.server },
          { name: "PROVISIONER_NAME", value: PROVISIONER_NAME },
        ],
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "200m", memory: "128Mi" } },
        volumeMounts: [{ name: EXPORT_VOLUME, mountPath: "/persistentvolumes" }],
      },
    ],
    volumes: [{ name: EXPORT_VOLUME, persistentVolumeClaim: { claimName } }],
  });
}
