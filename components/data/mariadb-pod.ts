import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import { type Resources, restrictedPod } from "../kubernetes/pod";
import { execProbe, startsWithin } from "../kubernetes/probes";
import { ADMINISTRATOR_FILE, MARIADB_PORT } from "./mariadb-configuration";
import { fromSecret } from "./secret-variable";

/** The user `mysql` of the official image. */
export const UID = 999;

/** Name of the volume, and so the start of the claim's: `data-mariadb-0` (upstream). */
export const DATA_VOLUME = "data";

/** Key of the option file in its ConfigMap. Files of this name are read after those of the image. */
export const CONFIGURATION_FILE = "platform.cnf";

/** Keys of the Secret of the server. */
export const serverSecretKeys = {
  /** SQL that makes the administrator at each start. */
  administrator: "administrator.sql",
  /** Password of `root`, who may log in inside the pod only. */
  root: "root",
} as const;

const SECRETS_DIRECTORY = ADMINISTRATOR_FILE.slice(0, ADMINISTRATOR_FILE.lastIndexOf("/"));

export interface MariaDbPodFacts {
  readonly image: ResolvedImage;
  readonly resources: Resources;
  readonly serviceAccountName: pulumi.Input<string>;
  /** ConfigMap with {@link CONFIGURATION_FILE}. */
  readonly configMapName: pulumi.Input<string>;
  /** Secret with {@link serverSecretKeys}. */
  readonly secretName: pulumi.Input<string>;
}

/** The server's pod. Its volume {@link DATA_VOLUME} comes from the StatefulSet. */
export function serverPod(facts: MariaDbPodFacts): types.input.core.v1.PodSpec {
  // The image's own check, as a user that it makes for that. A server that takes no connections from outside does not
  // count: such a one runs while the image prepares or upgrades a volume.
  const answers = execProbe(["healthcheck.sh", "--connect", "--innodb_initialized"]);
  return restrictedPod({
    identity: { uid: UID },
    serviceAccountName: facts.serviceAccountName,
    containers: [
      {
        name: "mariadb",
        image: facts.image,
        ports: [{ name: "mariadb", containerPort: MARIADB_PORT, protocol: "TCP" }],
        env: [
          // On a volume of an older version or another image: new system tables, and the user of the probes.
          { name: "MARIADB_AUTO_UPGRADE", value: "1" },
          { name: "MARIADB_INITDB_SKIP_TZINFO", value: "1" }, // no client asks the server for time zones
          { name: "MARIADB_ROOT_HOST", value: "localhost" },
          fromSecret("MARIADB_ROOT_PASSWORD", facts.secretName, serverSecretKeys.root),
          // The client programs in the pod send it where nothing else is said, so that no runbook has to ask for it.
          fromSecret("MYSQL_PWD", facts.secretName, serverSecretKeys.root),
        ],
        resources: facts.resources,
        startupProbe: startsWithin(900, answers), // after a crash the server replays its log; an upgrade takes longer
        readinessProbe: answers,
        livenessProbe: { ...answers, failureThreshold: 6 }, // a restart costs more than a minute of waiting
        volumeMounts: [
          // A directory below the mount point: free of lost+found, and where upstream's image has the files as well.
          { name: DATA_VOLUME, mountPath: "/var/lib/mysql", subPath: "data" },
          { name: "configuration", mountPath: "/etc/mysql/conf.d", readOnly: true },
          { name: "secrets", mountPath: SECRETS_DIRECTORY, readOnly: true },
        ],
        writable: ["/tmp", "/run/mysqld"],
      },
    ],
    volumes: [
      { name: "configuration", configMap: { name: facts.configMapName } },
      { name: "secrets", secret: { secretName: facts.secretName, defaultMode: 0o440 } },
    ],
    placement: { terminationGracePeriodSeconds: 120 }, // to write its pages; a killed server has to recover
  });
}
