import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { ProgressSink } from "../progress";
import { runCommand } from "../tools/command";
import { UserError } from "../user-error";
import { cacheKey, contentFacts } from "./cache";
import type { ImageDefinition } from "./definition";
import { sha256OfFile } from "./digest";
import { DEBIAN_RELEASE, packageSources } from "./package-sources";

/** A layer of an image, compressed with zstd. */
export interface Layer {
  /** Absolute path. */
  readonly file: string;
  /** SHA-256 of the file, in hexadecimal digits. */
  readonly digest: string;
  /** SHA-256 before the compression. */
  readonly diffId: string;
  /** In bytes. */
  readonly size: number;
}

/** In every image: certificates of public authorities, the names of ports and protocols, time zones. */
const BASE_PACKAGES = ["ca-certificates", "netbase", "tzdata"];

const SCRIPT = join(__dirname, "build-layer.sh");

/** It ends even when this process is killed; and in namespaces of its own, its mounts and processes go with it. */
const CONFINED = [
  ...["setpriv", "--pdeathsig", "SIGKILL"],
  ...["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--propagation", "private"],
] as const;

/** After this time without use a layer is removed; packages have newer versions by then. */
const UNUSED_DAYS = 30;

/** Lines of the log that an error shows. */
const LOG_LINES = 12;

/** What every step of a build needs to know. */
export interface BuildPlace {
  /** Absolute path of the cache. */
  readonly cache: string;
  readonly progress: ProgressSink;
}

/** Names of the layers of an image in the cache, the lowest first. The uppermost can be told only after `prepare`. */
export function layerKeys(definition: ImageDefinition) {
  const base = `base-${cacheKey(readFileSync(SCRIPT, "utf8"), DEBIAN_RELEASE, BASE_PACKAGES, process.arch)}`;
  const packages = [...definition.packages].sort();
  const below = packages.length === 0 ? base : `packages-${cacheKey(base, packages)}`;
  return { base, packages: below, content: `${definition.name}-${cacheKey(below, contentFacts(definition))}` };
}

/**
 * The layers of an image, the lowest first; made where the cache does not have them.
 * @throws UserError when a package cannot be had
 */
export async function ensureLayers(definition: ImageDefinition, place: BuildPlace): Promise<Layer[]> {
  const { name, packages } = definition;
  const keys = layerKeys(definition);
  const sources = () => packageSources(place.cache);
  const lists = join(place.cache, "package-lists");
  const layers = [
    await ensureLayer(keys.base, place, `base of all images (Debian ${DEBIAN_RELEASE})`, (output) => [
      ...["base", ...output, sources(), lists, DEBIAN_RELEASE, BASE_PACKAGES.join(",")],
    ]),
  ];
  if (packages.length > 0) {
    layers.push(
      await ensureLayer(keys.packages, place, `image ${name}: packages`, (output) => [
        ...["packages", ...output, sources(), lists, files(layers)[0] ?? "", [...packages].sort().join(",")],
      ]),
    );
  }
  layers.push(
    await ensureLayer(
      keys.content,
      place,
      `image ${name}: files`,
      (output) => ["content", ...output, ...files(layers)],
      contentPlan(definition),
    ),
  );
  return layers;
}

function files(layers: readonly Layer[]): string[] {
  return layers.map(({ file }) => file);
}

/** @param programArguments of the script, made from those that say where it works and what it writes */
async function ensureLayer(
  key: string,
  { cache, progress }: BuildPlace,
  label: string,
  programArguments: (output: readonly string[]) => readonly string[],
  input = "",
): Promise<Layer> {
  const directory = join(cache, "layers");
  const record = join(directory, `${key}.json`);
  const file = join(directory, `${key}.tar.zst`);
  // The record comes last: where it is, the layer is complete.
  if (existsSync(record) && existsSync(file)) {
    const now = new Date();
    for (const each of [record, file]) utimesSync(each, now, now);
    return { file, ...JSON.parse(readFileSync(record, "utf8")) };
  }
  const work = join(cache, "work");
  const draft = `${file}.draft`;
  mkdirSync(work, { recursive: true });
  mkdirSync(directory, { recursive: true });
  progress.step(label);
  const lines: string[] = [];
  try {
    const [program, ...confinement] = CONFINED;
    const { code } = await runCommand(program, [...confinement, "bash", SCRIPT, ...programArguments([work, draft])], {
      input,
      onLine: (line) => {
        lines.push(line);
        const step = packageStep(line);
        if (step !== undefined) progress.step(`${label}: ${step}`);
      },
    });
    if (code !== 0) throw buildError(label, lines);
    const diffId = readFileSync(`${draft}.diff-id`, "utf8").trim();
    const { digest, size } = await sha256OfFile(draft);
    renameSync(draft, file);
    writeFileSync(`${record}.draft`, JSON.stringify({ digest, diffId, size }));
    renameSync(`${record}.draft`, record);
    return { file, digest, diffId, size };
  } finally {
    rmSync(draft, { force: true });
    rmSync(`${draft}.diff-id`, { force: true });
  }
}

/** What apt and dpkg say that they do, if the line tells it. */
function packageStep(line: string): string | undefined {
  const [, verb, name] = line.match(/^(Unpacking|Setting up) (\S+)/) ?? [];
  if (verb !== undefined && name !== undefined) return `${verb.toLowerCase()} ${name.replace(/:.*/, "")}`;
  return line.match(/^I: (.*)/)?.[1];
}

function buildError(label: string, lines: readonly string[]): UserError {
  const log = lines.slice(-LOG_LINES).map((line) => `  ${line}`);
  return new UserError(
    `Could not make the ${label}. The last lines of the log:\n${log.join("\n")}\n` +
      `What is finished is kept, so run the same command again once the cause is mended. Packages come from Debian ` +
      `${DEBIAN_RELEASE} by the sources of this machine's apt: "apt-get update" must work here.`,
  );
}

/** The topmost layer in the language of the script. */
export function contentPlan({ accounts, directories, content, links }: ImageDefinition): string {
  const octal = (mode: number | undefined) => mode?.toString(8).padStart(4, "0") ?? "";
  const rows: (string | number)[][] = [
    ...(accounts ?? []).map(({ name, uid, gid, home }) => ["account", name, uid, gid, home]),
    ...content.map(({ from, to, mode }) => ["copy", from, to, octal(mode)]),
    // After what is copied, which may be in them and has an owner of its own.
    ...(directories ?? []).map(({ path, owner, mode }) => ["directory", path, owner ?? "0:0", octal(mode ?? 0o755)]),
    ...Object.entries(links ?? {}).map(([path, target]) => ["link", path, target]),
  ];
  return rows.map((row) => `${row.join("\t")}\n`).join("");
}

/** Removes what only one image has once its archive holds it, and what no build has used for a long time. */
export function pruneLayers({ cache }: BuildPlace, definition: ImageDefinition): void {
  const directory = join(cache, "layers");
  const own = layerKeys(definition).content;
  const oldest = Date.now() - UNUSED_DAYS * 24 * 60 * 60 * 1000;
  for (const entry of readdirSync(directory)) {
    const file = join(directory, entry);
    if (entry.startsWith(`${own}.`) || statSync(file).mtimeMs < oldest) rmSync(file, { force: true });
  }
}
