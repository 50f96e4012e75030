import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** The user that a pod's processes run as, for programs that look it up. */
export interface UserAccount {
  readonly uid: number;
  readonly name: string;
  /** Home directory. It has to be writable only where a program writes there. */
  readonly home: string;
}

/** Files that replace those of the image, by name. */
type AccountFiles = Readonly<Record<"passwd" | "group", string>>;

/**
 * The system's list of users with one more in it. Of a user that it does not have, ssh and ssh-keygen say "No user
 * exists for uid", git cannot name the author of a commit, Java's `user.home` is "?", Node's `os.userInfo()` fails.
 */
export function accountFiles({ uid, name, home }: UserAccount): AccountFiles {
  return {
    passwd: `root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n${name}:x:${uid}:${uid}::${home}:/bin/sh\n`,
    group: `root:x:0:\nnobody:x:65534:\n${name}:x:${uid}:\n`,
  };
}

const VOLUME = "account";

/** @param configMapName ConfigMap with {@link accountFiles} */
export function accountVolume(configMapName: pulumi.Input<string>): types.input.core.v1.Volume {
  return { name: VOLUME, configMap: { name: configMapName } };
}

export const accountMounts: readonly types.input.core.v1.VolumeMount[] = (["passwd", "group"] as const).map((file) => ({
  name: VOLUME,
  mountPath: `/etc/${file}`,
  subPath: file,
  readOnly: true,
}));
