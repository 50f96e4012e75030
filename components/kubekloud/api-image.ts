import type { PolicyExceptions } from "../kubernetes/exceptions";

/** Which image of the registry the API runs. */
export interface ApiImage {
  /** Project and repository: `kubekloud/api` (seed). */
  readonly repository: string;
  /** @default latest (seed) */
  readonly tag: string;
  /** `sha256:…`. Wins over the tag. */
  readonly digest?: string | undefined;
}

const FLOATING_TAG = "latest";

/** What a container's `image` field takes. @param host of the registry, with its port */
export function imageReference(host: string, { repository, tag, digest }: ApiImage): string {
  return `${host}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`;
}

/** Version for the label, or undefined where the image does not say. */
export function imageVersion({ tag, digest }: ApiImage): string | undefined {
  if (digest !== undefined) {
    return digest.slice("sha256:".length, "sha256:".length + 12);
  }
  return tag === FLOATING_TAG ? undefined : tag;
}

/** The exception that the seed's tag needs; none for every other image. */
export function imageExceptions({ tag, digest }: ApiImage): PolicyExceptions {
  return digest === undefined && tag === FLOATING_TAG
    ? {
        "latest-tag":
          "The seed's push flow moves this tag and restarts the Deployment; name a tag or digest in the settings to pin it.",
      }
    : {};
}

/** Commands that bring the first image into the registry, for people. @param username of a login that may push */
export function pushCommands(reference: string, host: string, username?: string): string {
  // In quotes, because the names of robots hold a dollar sign.
  const login = username === undefined ? "docker login" : `docker login --username '${username}'`;
  return `${login} ${host} && docker build --tag ${reference} . && docker push ${reference}`;
}
