import { eventually } from "../engine/cluster-support";
import type { RealPlatform } from "./real-platform";

/** A workload of one pod with one claim. */
export interface VolumeOwner {
  readonly namespace: string;
  /** With its kind: "deployment/postgres". */
  readonly workload: string;
  readonly podLabels: Readonly<Record<string, string>>;
}

/** What the small volume has left for the server when it starts, in MiB. */
const ROOM = 64;

/**
 * A volume that can be filled, in the place of a workload's own: a file system of fixed size with a copy of the data,
 * mounted over the volume's directory on the node. The directory itself stays as it was.
 */
export class FilledVolume {
  private constructor(
    private readonly platform: RealPlatform,
    private readonly owner: VolumeOwner,
    private readonly directory: string,
  ) {}

  /** Stops the workload, and starts it again on the small volume. */
  static async attach(platform: RealPlatform, owner: VolumeOwner): Promise<FilledVolume> {
    const volume = new FilledVolume(platform, owner, await directoryOf(platform, owner));
    await volume.scale(0);
    try {
      await volume.mountCopy();
      await volume.scale(1);
    } catch (error) {
      await volume.detach();
      throw error;
    }
    return volume;
  }

  /** Leaves not a single block. */
  async fill(): Promise<void> {
    await this.shell(
      '! dd if=/dev/zero of="$0/filler" bs=4096 status=none 2>"$0.log" && grep -q "No space left" "$0.log"',
    );
  }

  async makeSpace(): Promise<void> {
    await this.shell('rm "$0/filler" "$0.log"');
  }

  /** Gives the workload its own volume back, as it was before. */
  async detach(): Promise<void> {
    await this.scale(0);
    await this.shell('rm -f "$0.log"; ! mountpoint -q "$0" || umount "$0"');
    await this.scale(1);
  }

  private async mountCopy(): Promise<void> {
    // Mounted beside its place first: what is to be copied would be hidden below it.
    await this.shell(
      `size=$(( $(du -sm "$0" | cut -f1) + ${ROOM} )); mkdir "$0.copy"
      mount -t tmpfs -o "size=\${size}m,mode=0777" tmpfs "$0.copy"
      cp -a "$0/." "$0.copy/"; mount --move "$0.copy" "$0"; rmdir "$0.copy"`,
    );
  }

  /** @param script gets the volume's directory as $0 */
  private shell(script: string): Promise<string> {
    return this.platform.onNode(["sh", "-euc", script, this.directory]);
  }

  private async scale(replicas: number): Promise<void> {
    const { namespace, workload, podLabels } = this.owner;
    await this.platform.kubectl.read("--namespace", namespace, "scale", workload, `--replicas=${replicas}`);
    if (replicas > 0) return await this.platform.untilReady(namespace, workload);
    const selector = Object.entries(podLabels).map(([key, value]) => `${key}=${value}`);
    await eventually(async () => {
      const pods = await this.platform.objects("pods", "--namespace", namespace, "--selector", selector.join(","));
      return pods.length === 0 ? true : undefined;
    });
  }
}

async function directoryOf(platform: RealPlatform, { namespace, podLabels }: VolumeOwner): Promise<string> {
  const pod = await platform.podOf(namespace, podLabels);
  const claims = (pod.spec.volumes ?? []).flatMap(
    ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
  );
  const [claim] = claims;
  if (claim === undefined) throw new Error(`${namespace}/${pod.metadata.name} has no claim.`);
  const { spec } = await platform.object<{ spec: { volumeName: string } }>(namespace, "persistentvolumeclaim", claim);
  const volumes = await platform.objects<{ metadata: { name: string }; spec: { hostPath?: { path: string } } }>("pv");
  const path = volumes.find(({ metadata }) => metadata.name === spec.volumeName)?.spec.hostPath?.path;
  if (path === undefined) throw new Error(`The volume of ${namespace}/${claim} is no directory of the node.`);
  return path;
}
