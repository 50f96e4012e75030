import type { Claim, ClaimKind, Claims } from "./names/claim";
import { clusterClaims } from "./names/cluster";
import { harborClaims } from "./names/harbor";
import { kpaasClaims } from "./names/kpaas";
import { kubekloudClaims } from "./names/kubekloud";
import { nfsClaims } from "./names/nfs";
import { opencheckerClaims } from "./names/openchecker";
import { openhandsClaims } from "./names/openhands";
import { sonarqubeClaims } from "./names/sonarqube";
import type { SettingPath } from "./paths";
import type { Settings } from "./schema";

export { sonarQubeIsOwn } from "./names/sonarqube";

/** A host name that a system asks for, and the setting that it comes from. */
export interface NamedHost {
  readonly path: SettingPath;
  readonly host: string;
}

/** A namespace that a system makes, and the setting that its name comes from. */
export interface NamedNamespace {
  readonly path: SettingPath;
  readonly name: string;
  /** Whether this stack makes it. */
  readonly used: boolean;
}

/** Everybody who claims something that can be there only once in a cluster. */
const systems: readonly Claims[] = [
  opencheckerClaims,
  nfsClaims,
  harborClaims,
  kubekloudClaims,
  sonarqubeClaims,
  kpaasClaims,
  openhandsClaims,
  clusterClaims,
];

/** Everything in the settings that can be there only once in a cluster. */
export function allClaims(settings: Settings): Claim[] {
  return systems.flatMap((claims) => claims(settings));
}

const ofKind = (settings: Settings, kind: ClaimKind): Claim[] =>
  allClaims(settings).filter((claim) => claim.kind === kind);

/** All host names behind the ingress controller. */
export function ownHosts(settings: Settings): NamedHost[] {
  return ofKind(settings, "host")
    .filter(({ used }) => used)
    .map(({ path, name }) => ({ path, host: name }));
}

/** All namespaces that the program may make. */
export function ownNamespaces(settings: Settings): NamedNamespace[] {
  return ofKind(settings, "namespace").filter(({ foreign }) => foreign !== true);
}

/** Host names that K-PaaS asks for, with the setting that they come from. */
export function kpaasHosts(settings: Settings): NamedHost[] {
  return kpaasClaims(settings)
    .filter(({ kind, used }) => kind === "host" && used)
    .map(({ path, name }) => ({ path, host: name }));
}
