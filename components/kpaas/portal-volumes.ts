import { PersistentVolumeClaim, Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerImage } from "../../catalog/resolve";
import type { NamespaceBinding } from "../contracts";
import { claim } from "../kubernetes/claim";
import type { ApplicationVolumes } from "./application-pod";
import { CATALOG_FILE } from "./catalog-configuration";
import type { PortalSuiteArgs, PortalVolume, TerramanArgs } from "./portal-suite-args";
import { applicationUser } from "./suite-objects";

/** What the objects of volumes need to know of the suite. */
export interface VolumeScope {
  /** Start of the logical names. */
  readonly name: string;
  readonly parent: pulumi.Resource;
  readonly namespace: NamespaceBinding;
  readonly labels: Readonly<Record<string, string>>;
  readonly storageClass: string | undefined;
  readonly lifecycle: PortalSuiteArgs["lifecycle"];
}

const SSH_DIRECTORY = `${applicationUser.home}/.ssh`;

/** The key under which Kubernetes wants a private key in a Secret of the type `ssh-auth`. */
const SSH_KEY = "ssh-privatekey";

const SSH_SECRET = "cp-portal-terraman-ssh-key";

/**
 * Terraman's directory of keys. It writes the keys of new machines there by itself, so it is a volume; the key of the
 * node is copied in at every start, readable for its user alone, since SSH refuses others and a mounted Secret
 * belongs to root.
 */
export function terramanVolumes(
  scope: VolumeScope & Pick<PortalSuiteArgs, "profile">,
  terraman: TerramanArgs,
  image: ContainerImage,
): ApplicationVolumes {
  const { name, parent, namespace, labels } = scope;
  const secret = new Secret(
    `${name}-terraman-ssh-key`,
    {
      metadata: { name: SSH_SECRET, namespace: namespace.name, labels: { ...labels } },
      type: "kubernetes.io/ssh-auth",
      stringData: { [SSH_KEY]: terraman.sshPrivateKey },
    },
    { parent, deleteBeforeReplace: true },
  );
  const keys = { name: "keys", mountPath: SSH_DIRECTORY };
  const masterKey = `${SSH_DIRECTORY}/${scope.profile.terramanKeyFile}`;
  return {
    volumes: [
      claimVolume("keys", portalClaim(scope, "cp-portal-terraman", terraman.storage)),
      { name: "master-key", secret: { secretName: SSH_SECRET, defaultMode: 0o440 } },
    ],
    volumeMounts: [keys],
    ready: [secret],
    initContainers: [
      {
        name: "master-key",
        image,
        command: [
          "sh",
          "-euc",
          `umask 077; cat /etc/master-key/${SSH_KEY} > ${masterKey}.new; mv -f ${masterKey}.new ${masterKey}`,
        ],
        resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "32Mi" } },
        volumeMounts: [keys, { name: "master-key", mountPath: "/etc/master-key", readOnly: true }],
      },
    ],
  };
}

/**
 * Catalog-API's volume and its configuration file.
 * @param configuration Secret and key of the file. @default the image's own file
 */
export function catalogVolumes(
  scope: VolumeScope,
  storage: PortalVolume,
  configuration: { readonly secretName: string; readonly key: string } | undefined,
): ApplicationVolumes {
  return {
    volumes: [
      claimVolume("helm", portalClaim(scope, "cp-portal-catalog-api", storage)),
      ...(configuration === undefined
        ? []
        : [
            {
              name: "configuration",
              secret: {
                secretName: configuration.secretName,
                items: [{ key: configuration.key, path: CATALOG_FILE }],
                defaultMode: 0o440,
              },
            },
          ]),
    ],
    volumeMounts: [
      { name: "helm", mountPath: "/home/1000/helm" },
      ...(configuration === undefined
        ? []
        : [{ name: "configuration", mountPath: `/${CATALOG_FILE}`, subPath: CATALOG_FILE, readOnly: true }]),
    ],
  };
}

function portalClaim(scope: VolumeScope, claimName: string, { size }: PortalVolume): PersistentVolumeClaim {
  const { name, parent, namespace, labels, storageClass, lifecycle } = scope;
  return new PersistentVolumeClaim(
    `${name}-${claimName}-claim`,
    claim({
      name: claimName,
      namespace: namespace.name,
      labels,
      size,
      class: storageClass,
      accessMode: "ReadWriteOnce",
    }),
    { parent, deleteBeforeReplace: true, protect: lifecycle.protectData, retainOnDelete: lifecycle.retainData },
  );
}

function claimVolume(volume: string, claim: PersistentVolumeClaim) {
  return { name: volume, persistentVolumeClaim: { claimName: claim.metadata.name } };
}
