import type * as pulumi from "@pulumi/pulumi";
import type { ContainerImage, Pulling } from "../../catalog/resolve";
import type { PolicyExceptions } from "../kubernetes/exceptions";

/** An image that people push to the platform's registry: of what is not published elsewhere. */
export interface PushedImage extends Pulling {
  /** Project and repository: `kubekloud/api` (seed). */
  readonly repository: string;
  /** @default latest (seed) */
  readonly tag: string;
  /** `sha256:…`. Wins over the tag. */
  readonly digest?: string | undefined;
}

const FLOATING_TAG = "latest";

/** What a container's `image` field takes. @param host of the registry, with its port */
export function imageReference(host: string, { repository, tag, digest }: PushedImage): string {
  return `${host}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`;
}

/** The image as the builder of pods takes it. @param pullSecretName Secret with the registry's login */
export function containerImage(host: string, image: PushedImage, pullSecretName: pulumi.Input<string>): ContainerImage {
  const { pullPolicy, pullSecrets } = image;
  return { reference: imageReference(host, image), pullPolicy, pullSecrets: [pullSecretName, ...pullSecrets] };
}

/** Version for the label, or undefined where the image does not say. */
export function imageVersion({ tag, digest }: PushedImage): string | undefined {
  if (digest !== undefined) {
    return digest.slice("sha256:".length, "sha256:".length + 12);
  }
  return tag === FLOATING_TAG ? undefined : tag;
}

/** The exception that the seed's tag needs; none for every other image. */
export function imageExceptions({ tag, digest }: PushedImage): PolicyExceptions {
  return digest === undefined && tag === FLOATING_TAG
    ? {
        "latest-tag":
          "The seed's push flow moves this tag and restarts the Deployment; name a tag or digest in the settings to pin it.",
      }
    : {};
}

/** The command that logs in at a registry, for people. @param username of a login that may push; absent: they are asked */
export function loginCommand(host: string, username: string | undefined): string {
  // In quotes, because the names of robots hold a dollar sign.
  return username === undefined ? `docker login ${host}` : `docker login --username '${username}' ${host}`;
}

/** Commands that build an image and bring it into the registry, for people. @param username of a login that may push */
export function pushCommands(reference: string, host: string, username?: string): string {
  return `${loginCommand(host, username)} && docker build --tag ${reference} . && docker push ${reference}`;
}
