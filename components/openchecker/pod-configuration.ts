import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { SonarToken } from "../contracts";
import type { RestrictedContainer } from "../kubernetes/pod";
import { CONFIGURATION_DIRECTORY, CONFIGURATION_FILE } from "./image-generation";

/** Name of the pods' volume for the seed's claim (upstream). */
const VOLUME = "config-volume";
const FILE_VOLUME = "configuration";
const TEMPLATE_VOLUME = "configuration-template";
const TOKEN_VOLUME = "sonarqube-token";

/** Stands in `config.ini` for a token that only a Secret in the cluster knows. */
export const TOKEN_PLACEHOLDER = "@sonarqube-token@";

/** A token that only a Secret in the pods' namespace knows. */
export type TokenReference = Extract<SonarToken, { kind: "secretKey" }>;

/**
 * How the configuration reaches the pods: the seed's claim at `/app/config`, read-only, and on top of it the one file
 * that this workload may read, from its own Secret. So the shared volume holds no secret at all, and a worker cannot
 * read what the API knows.
 */
export const configurationMounts: types.input.core.v1.VolumeMount[] = [
  { name: VOLUME, mountPath: CONFIGURATION_DIRECTORY, readOnly: true },
  {
    name: FILE_VOLUME,
    mountPath: `${CONFIGURATION_DIRECTORY}/${CONFIGURATION_FILE}`,
    subPath: CONFIGURATION_FILE,
    readOnly: true,
  },
];

/** @param token what {@link tokenFiller} puts into the file, which then lies in the pod's memory */
export function configurationVolumes(
  claimName: pulumi.Input<string>,
  secretName: pulumi.Input<string>,
  token?: TokenReference,
): types.input.core.v1.Volume[] {
  const claim = { name: VOLUME, persistentVolumeClaim: { claimName } };
  const secret = { secretName, defaultMode: 0o440 };
  if (token === undefined) {
    return [claim, { name: FILE_VOLUME, secret }];
  }
  const items = [{ key: token.key, path: "token" }];
  return [
    claim,
    { name: FILE_VOLUME, emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
    { name: TEMPLATE_VOLUME, secret },
    // The pod waits until the key is there.
    { name: TOKEN_VOLUME, secret: { secretName: token.secretName, items, defaultMode: 0o440 } },
  ];
}

/** Arguments: template, file with the token, the file to write. A single `%` would break the configuration's reader. */
export const FILL_TOKEN = `
import os, sys
template, source, target = sys.argv[1:]
with open(source) as file:
    token = file.read().strip()
if not token:
    sys.exit("the Secret with the SonarQube token is empty")
with open(template) as file:
    text = file.read().replace("${TOKEN_PLACEHOLDER}", token.replace("%", "%%"))
os.umask(0o137)
with open(target, "w") as file:
    file.write(text)
`.trim();

/** Writes the configuration with the token in it. A later token takes effect when the pod is started anew. */
export function tokenFiller(image: ResolvedImage): RestrictedContainer {
  const files = [`/template/${CONFIGURATION_FILE}`, "/token/token", `/configuration/${CONFIGURATION_FILE}`];
  return {
    name: "sonarqube-token",
    image,
    command: ["python", "-c", FILL_TOKEN, ...files],
    volumeMounts: [
      { name: TEMPLATE_VOLUME, mountPath: "/template", readOnly: true },
      { name: TOKEN_VOLUME, mountPath: "/token", readOnly: true },
      { name: FILE_VOLUME, mountPath: "/configuration" },
    ],
    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "250m", memory: "64Mi" } },
  };
}

/**
 * Puts an empty file where the Secret is mounted. The container runtime would try to do the same as root, which an NFS
 * export with root squashing refuses.
 */
export function configurationPlaceholder(image: ResolvedImage): RestrictedContainer {
  const file = `/volume/${CONFIGURATION_FILE}`;
  return {
    name: "config-placeholder",
    image,
    command: ["sh", "-c", `test -e ${file} || : > ${file}`],
    volumeMounts: [{ name: VOLUME, mountPath: "/volume" }],
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
  };
}
