import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { currentPlatform } from "../tools/catalogue";
import { runCommand } from "../tools/command";
import type { ImageDefinition } from "./definition";
import { sha256OfText } from "./digest";
import type { Layer } from "./layers";

const SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Media types of the OCI image specification 1.1. */
const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+zstd",
} as const;

/** The documents of an image as text: what their digests are taken of. */
export interface ImageDocuments {
  readonly config: string;
  readonly manifest: string;
  readonly index: string;
  /** Digest of the manifest, which names the image for good: `sha256:…`. */
  readonly digest: string;
}

/**
 * Configuration, manifest and index by the OCI image specification.
 * @param reference the name that the image gets where it is imported
 */
export function imageDocuments(
  definition: ImageDefinition,
  layers: readonly Pick<Layer, "digest" | "diffId" | "size">[],
  reference: string,
): ImageDocuments {
  const { entrypoint, command, user, workingDirectory, environment, stopSignal } = definition.process;
  const variables = { PATH: SEARCH_PATH, ...environment };
  const config = JSON.stringify({
    architecture: currentPlatform().architecture,
    os: "linux",
    config: {
      Entrypoint: entrypoint,
      ...(command !== undefined && { Cmd: command }),
      User: user,
      WorkingDir: workingDirectory ?? "/",
      Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      ...(stopSignal !== undefined && { StopSignal: stopSignal }),
      Labels: { "org.opencontainers.image.title": definition.title },
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => `sha256:${diffId}`) },
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: describe(mediaTypes.config, config),
    layers: layers.map(({ digest, size }) => ({ mediaType: mediaTypes.layer, digest: `sha256:${digest}`, size })),
  });
  const described = describe(mediaTypes.manifest, manifest);
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      {
        ...described,
        annotations: {
          "io.containerd.image.name": reference,
          "org.opencontainers.image.ref.name": definition.tag,
        },
      },
    ],
  });
  return { config, manifest, index, digest: described.digest };
}

function describe(mediaType: string, content: string) {
  return { mediaType, digest: `sha256:${sha256OfText(content)}`, size: Buffer.byteLength(content) };
}

/**
 * Writes an image as an archive of an OCI image layout, which containerd, Podman and skopeo read.
 * @param file absolute path; it appears when it is complete
 * @param layers on the same file system as `file`
 */
export async function writeArchive(file: string, documents: ImageDocuments, layers: readonly Layer[]): Promise<void> {
  const layout = join(dirname(file), "layout");
  // Of a build that was killed; two at a time the caller has to prevent.
  rmSync(layout, { recursive: true, force: true });
  try {
    const blobs = join(layout, "blobs", "sha256");
    mkdirSync(blobs, { recursive: true });
    writeFileSync(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    writeFileSync(join(layout, "index.json"), documents.index);
    for (const text of [documents.config, documents.manifest]) writeFileSync(join(blobs, sha256OfText(text)), text);
    for (const layer of new Map(layers.map((each) => [each.digest, each])).values()) {
      linkSync(layer.file, join(blobs, layer.digest));
    }
    const draft = join(layout, "archive.tar");
    const { code, stderr } = await runCommand("tar", [
      ...["--create", `--file=${draft}`, `--directory=${layout}`, "--sort=name", "--format=gnu", "--mtime=@0"],
      ...["--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX", "--hard-dereference"],
      ...["oci-layout", "index.json", "blobs"],
    ]);
    if (code !== 0) throw new Error(`tar could not write ${file}: ${stderr}`);
    renameSync(draft, file);
  } finally {
    rmSync(layout, { recursive: true, force: true });
  }
}
