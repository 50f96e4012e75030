import type { SettingPath } from "../paths";
import type { Settings } from "../schema";

/** What can be there only once in a cluster. */
export type ClaimKind = "namespace" | "host" | "nodePort" | "address" | "clusterScoped";

/** Something that can be there only once in a cluster, and the setting that it comes from. */
export interface Claim {
  readonly kind: ClaimKind;
  readonly path: SettingPath;
  readonly name: string;
  /** Whether this stack uses it. */
  readonly used: boolean;
  /** Whether it belongs to something that the cluster has already. @default it is the platform's */
  readonly foreign?: true;
}

/** What a system claims. */
export type Claims = (settings: Settings) => readonly Claim[];

/** A namespace that a system makes. */
export const namespaceClaim = (path: SettingPath, name: string, used: boolean): Claim => ({
  kind: "namespace",
  path,
  name,
  used,
});

/** A namespace of something that the cluster has already. */
export const foreignNamespace = (path: SettingPath, name: string, used = true): Claim => ({
  kind: "namespace",
  path,
  name,
  used,
  foreign: true,
});

/** A port of every node; none where Kubernetes chooses one. */
export const nodePortClaim = (path: SettingPath, port: number | undefined, used: boolean): readonly Claim[] =>
  port === undefined ? [] : [{ kind: "nodePort", path, name: String(port), used }];

/** What an exposure of a system claims: a host at the ingress controller, or a port of the nodes. */
export function exposureClaims(system: string, exposure: Settings["kubekloud"]["exposure"], used: boolean): Claim[] {
  switch (exposure.type) {
    case "ingress":
      return [{ kind: "host", path: [system, "exposure", "host"], name: exposure.host, used }];
    case "nodePort":
      return [...nodePortClaim([system, "exposure", "nodePort"], exposure.nodePort, used)];
    default:
      return [];
  }
}
