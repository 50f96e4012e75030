/** `.invalid` never exists (RFC 2606): nobody can take these images for a vendor's, and no registry can be asked for them. */
export const IMAGE_PREFIX = "sandbox.invalid/platform";

/** How manifests name an image of the sandbox. */
export function imageReference(name: string, tag: string): string {
  return `${IMAGE_PREFIX}/${name}:${tag}`;
}
