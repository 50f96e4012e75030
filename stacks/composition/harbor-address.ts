import { externalUrl } from "../../components/registry/harbor-exposure";
import type { Settings } from "../settings";

/** Address of the registry for people, without a slash at the end; known before anything is made. */
export function harborUrl({ harbor, cluster }: Pick<Settings, "harbor" | "cluster">): string {
  return harbor.external === undefined
    ? externalUrl({ ...harbor, clusterDomain: cluster.domain, override: harbor.externalUrl })
    : `${harbor.external.scheme}://${harbor.external.host}`;
}

/** Where the identity provider may send people back to after their login at Harbor. */
export function harborLoginRedirect(settings: Pick<Settings, "harbor" | "cluster">): string {
  return `${harborUrl(settings)}/c/oidc/callback`;
}
