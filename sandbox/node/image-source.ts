/** Where the images come from that run on the real node. */

import { type CatalogueImage, images } from "../../catalog/images";
import { IMAGE_PREFIX } from "../images/reference";
import { nodeImages } from "./systems";

export const imageSources = ["sandbox", "vendor"] as const;

/** `sandbox`: made on this machine from packages. `vendor`: pulled from where their vendors publish them. */
export type ImageSource = (typeof imageSources)[number];

/** The registry that has most of them. It answers 401 to those who do not say who they are, and names its protocol. */
const REGISTRY = "https://registry-1.docker.io/v2/";
const PATIENCE_MILLISECONDS = 3_000;

/** The vendors' images where their registry answers this machine, else those of the sandbox. */
export async function reachableSource(
  ask: (url: string, init: RequestInit) => Promise<Response> = fetch,
): Promise<ImageSource> {
  try {
    const { headers, body } = await ask(REGISTRY, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
    await body?.cancel();
    // A network that asks for a login first answers in the registry's place.
    return headers.has("docker-distribution-api-version") ? "vendor" : "sandbox";
  } catch {
    return "sandbox"; // no network, no name, no answer in time: an answer, not a failure, here
  }
}

/**
 * Beginnings of the references of images that run for real. The programs are the same from both sources: what the
 * others need beside their image, a file server or an Ingress controller, the sandbox does not have.
 */
export function realImagePrefixes(source: ImageSource): string[] {
  // What the node itself runs comes from the sandbox in both cases.
  const own = `${IMAGE_PREFIX}/`;
  if (source === "sandbox") return [own];
  const vendors = nodeImages().flatMap(({ name }) => {
    const { registry, repository }: CatalogueImage = images[name];
    return [`${registry}/${repository}:`, `${registry}/${repository}@`];
  });
  return [own, ...vendors];
}
