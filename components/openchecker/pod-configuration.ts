import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { RestrictedContainer } from "../kubernetes/pod";
import { CONFIGURATION_DIRECTORY, CONFIGURATION_FILE } from "./image-generation";

/** Name of the pods' volume for the seed's claim (upstream). */
const VOLUME = "config-volume";
const SECRET_VOLUME = "configuration";

/**
 * How the configuration reaches the pods: the seed's claim at `/app/config`, read-only, and on top of it the one file
 * that this workload may read, from its own Secret. So the shared volume holds no secret at all, and a worker cannot
 * read what the API knows.
 */
export const configurationMounts: types.input.core.v1.VolumeMount[] = [
  { name: VOLUME, mountPath: CONFIGURATION_DIRECTORY, readOnly: true },
  {
    name: SECRET_VOLUME,
    mountPath: `${CONFIGURATION_DIRECTORY}/${CONFIGURATION_FILE}`,
    subPath: CONFIGURATION_FILE,
    readOnly: true,
  },
];

export function configurationVolumes(
  claimName: pulumi.Input<string>,
  secretName: pulumi.Input<string>,
): types.input.core.v1.Volume[] {
  return [
    { name: VOLUME, persistentVolumeClaim: { claimName } },
    { name: SECRET_VOLUME, secret: { secretName, defaultMode: 0o440 } },
  ];
}

/**
 * Puts an empty file where the Secret is mounted. The container runtime would try to do the same as root, which an NFS
 * export with root squashing refuses.
 */
export function configurationPlaceholder(image: ResolvedImage): RestrictedContainer {
  const file = `/volume/${CONFIGURATION_FILE}`;
  return {
    name: "config-placeholder",
    image: image.reference,
    imagePullPolicy: image.pullPolicy ?? "Always",
    command: ["sh", "-c", `test -e ${file} || : > ${file}`],
    volumeMounts: [{ name: VOLUME, mountPath: "/volume" }],
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
  };
}
