import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageDocuments, writeArchive } from "../../sandbox/images/archive";
import type { ImageDefinition } from "../../sandbox/images/definition";
import type { Layer } from "../../sandbox/images/layers";

const REFERENCE = "sandbox.invalid/platform/greeter:1";

const greeter: ImageDefinition = {
  name: "greeter",
  tag: "1",
  title: "A greeter",
  packages: [],
  content: [],
  process: {
    entrypoint: ["greet"],
    command: ["world"],
    user: "70:70",
    workingDirectory: "/srv",
    environment: { LANG: "C.UTF-8" },
    stopSignal: "SIGINT",
  },
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "platform-images-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const sha256 = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");

function layer(name: string): Layer {
  const file = join(root, name);
  writeFileSync(file, `the content of ${name}`);
  const content = readFileSync(file);
  return { file, digest: sha256(content), diffId: sha256(`uncompressed ${name}`), size: content.length };
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Record<string, string>;
}

/** Writes the archive and unpacks it. */
async function unpacked(layers: readonly Layer[], file = join(root, "cache", "greeter.tar")) {
  mkdirSync(join(root, "cache"), { recursive: true });
  await writeArchive(file, imageDocuments(greeter, layers, REFERENCE), layers);
  const directory = mkdtempSync(join(root, "unpacked-"));
  execFileSync("tar", ["--extract", `--file=${file}`, `--directory=${directory}`]);
  const json = (path: string) => JSON.parse(readFileSync(join(directory, path), "utf8"));
  const blobs = join(directory, "blobs", "sha256");
  const blob = ({ digest }: Descriptor) => readFileSync(join(blobs, digest.replace("sha256:", "")));
  return { json, blob, blobs, file };
}

test("every blob is there under its digest, with the size that its descriptor states", async () => {
  const layers = [layer("base"), layer("files")];
  const { json, blob, blobs } = await unpacked(layers);

  expect(json("oci-layout")).toEqual({ imageLayoutVersion: "1.0.0" });
  const [described] = json("index.json").manifests as Descriptor[];
  if (described === undefined) throw new Error("the index names no manifest");
  const manifest = JSON.parse(blob(described).toString());
  const descriptors: Descriptor[] = [described, manifest.config, ...manifest.layers];
  for (const descriptor of descriptors) {
    expect(`sha256:${sha256(blob(descriptor))}`).toBe(descriptor.digest);
    expect(blob(descriptor)).toHaveLength(descriptor.size);
  }
  expect(readdirSync(blobs).sort()).toEqual(descriptors.map(({ digest }) => digest.replace("sha256:", "")).sort());
  expect(manifest.layers.map(({ digest }: Descriptor) => digest)).toEqual(
    layers.map(({ digest }) => `sha256:${digest}`),
  );
  expect(manifest.layers[0].mediaType).toBe("application/vnd.oci.image.layer.v1.tar+zstd");
});

test("the configuration says how the container starts, and what the layers are uncompressed", async () => {
  const layers = [layer("base"), layer("files")];
  const { json, blob } = await unpacked(layers);

  const manifest = JSON.parse(blob(json("index.json").manifests[0]).toString());
  const { os, config, rootfs } = JSON.parse(blob(manifest.config).toString());
  expect(os).toBe("linux");
  expect(config).toEqual({
    Entrypoint: ["greet"],
    Cmd: ["world"],
    User: "70:70",
    WorkingDir: "/srv",
    Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"],
    StopSignal: "SIGINT",
    Labels: { "org.opencontainers.image.title": "A greeter" },
  });
  expect(rootfs).toEqual({ type: "layers", diff_ids: layers.map(({ diffId }) => `sha256:${diffId}`) });
});

test("containerd finds the name of the image in the index", async () => {
  const { json } = await unpacked([layer("base")]);
  expect(json("index.json").manifests[0].annotations).toEqual({
    "io.containerd.image.name": REFERENCE,
    "org.opencontainers.image.ref.name": "1",
  });
});

test("a layer that comes twice is stored once", async () => {
  const empty = layer("empty");
  const { blobs } = await unpacked([empty, empty]);
  expect(readdirSync(blobs)).toHaveLength(3); // with configuration and manifest
});

test("the same image gives the same archive, and nothing else stays", async () => {
  const layers = [layer("base")];
  const first = await unpacked(layers);
  // What a build leaves behind that was killed.
  mkdirSync(join(root, "cache", "layout", "blobs", "sha256", "half"), { recursive: true });
  const second = await unpacked(layers, join(root, "cache", "again.tar"));
  expect(sha256(readFileSync(second.file))).toBe(sha256(readFileSync(first.file)));
  expect(readdirSync(join(root, "cache")).sort()).toEqual(["again.tar", "greeter.tar"]);
});

test("an archive that cannot be written is not there", async () => {
  const missing: Layer = { ...layer("base"), file: join(root, "missing") };
  await expect(unpacked([missing])).rejects.toThrow("missing");
  expect(existsSync(join(root, "cache", "greeter.tar"))).toBe(false);
});
