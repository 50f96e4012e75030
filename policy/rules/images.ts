import { perContainer } from "../pod";
import { forPods, type Rule } from "../rule";

/** Tags that are moved from release to release. */
const FLOATING_TAGS = new Set(["latest", "stable", "edge", "nightly", "main", "master", "develop", "dev", "snapshot"]);

/** What the images of containers must be named like. */
export const imageRules: readonly Rule[] = [
  {
    name: "latest-tag",
    severity: "high",
    scope: "object",
    url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
    description: "Every image is pinned by a tag that names a release, or by its digest.",
    remediation: "take the image from the catalogue with a release tag",
    check: forPods(
      perContainer(({ image = "" }) => {
        const { tag, digest } = parseImage(image);
        if (digest !== undefined) return false;
        if (tag === undefined) return `has the image "${image}" without a tag`;
        return FLOATING_TAGS.has(tag) && `has an image with the floating tag "${tag}"`;
      }),
    ),
  },
  {
    name: "image-registry",
    severity: "medium",
    scope: "object",
    description: "Every image names its registry, so that no runtime's search list decides where it comes from.",
    remediation: "write the registry's host in front, for example `docker.io/`",
    check: forPods(
      perContainer(
        ({ image = "" }) => parseImage(image).host === undefined && `has the image "${image}" of no registry`,
      ),
    ),
  },
];

/** Parts of an image reference; absent ones are `undefined`. */
interface ImageReference {
  readonly host: string | undefined;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

function parseImage(image: string): ImageReference {
  const [name = "", digest] = image.split("@", 2);
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const host = /[.:]/.test(first) || first === "localhost" ? first : undefined;
  const last = name.slice(name.lastIndexOf("/") + 1);
  const colon = last.indexOf(":");
  return { host, tag: colon < 0 ? undefined : last.slice(colon + 1), digest };
}
