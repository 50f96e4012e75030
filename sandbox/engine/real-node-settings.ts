import { type Document, isMap, parseDocument, type YAMLMap } from "yaml";
import { IMAGE_PREFIX } from "../images/reference";
import type { NodeImage } from "../node/systems";

/** What of a sandbox with a real node a stack has to be told. */
export interface RealNodeSettings {
  /** Taken from the sandbox instead of the catalogue; none where the vendors' are pulled. */
  readonly images: readonly NodeImage[];
  /** Where pods find the API server: not one of the usual ports, and network policies are real there. */
  readonly apiServerPort: number;
}

/** A stack file as the real node needs it. */
export interface OverriddenFile {
  readonly text: string;
  /** Why the images could not be put in, in words for the user: the text is as it was then. */
  readonly hindrance: string | undefined;
}

const USUAL_PORTS = [443, 6443];

const CONSEQUENCE = "No pod of the platform runs on the real node then; all stay simulated.";

/**
 * The stack file with the images of the real node and the port of its API server. What the file itself states wins.
 * @param name file name for messages
 * @param text valid YAML: an object, or empty
 */
export function withRealNodeSettings(name: string, text: string, settings: RealNodeSettings): OverriddenFile {
  const overridden = withImageOverrides(name, text, settings.images);
  // Without the images no pod of the stack gets to the real node, and nothing needs the port.
  if (overridden.hindrance !== undefined) return overridden;
  return { ...overridden, text: withApiServerPort(overridden.text, settings.apiServerPort) };
}

/** Adds the port to `platform:cluster.apiServer.ports`, unless the file states ports, or hides them. */
function withApiServerPort(text: string, port: number): string {
  const document = parseDocument(text);
  const config = mapAt(document, ["config"]);
  const key = config === undefined ? undefined : keyOf(config, "cluster");
  if (key === undefined || mapAt(document, ["config", key])?.has("secure") !== false) return text;
  const apiServer = mapAt(document, ["config", key, "apiServer"]);
  if (apiServer === undefined || apiServer.has("ports")) return text;
  apiServer.set("ports", document.createNode([...USUAL_PORTS, port]));
  return document.toString({ lineWidth: 0 });
}

/** The setting's key in the file: the engine adds the project's name where it is missing. */
function keyOf(config: YAMLMap, section: string): string {
  return [`platform:${section}`, section].find((each) => config.has(each)) ?? `platform:${section}`;
}

/**
 * The stack file with `platform:images.overrides` for these images. What the file itself says of an image wins, and
 * everything else in it stays.
 * @param name file name for messages
 * @param text valid YAML: an object, or empty
 */
function withImageOverrides(name: string, text: string, images: readonly NodeImage[]): OverriddenFile {
  const document = parseDocument(text);
  const unchanged = (reason: string) => ({ text, hindrance: `${name}: ${reason} ${CONSEQUENCE}` });
  const config = mapAt(document, ["config"]);
  if (config === undefined) return unchanged("`config` is not an object of keys and values.");
  const key = keyOf(config, "images");
  const settings = mapAt(document, ["config", key]);
  if (settings === undefined || settings.has("secure")) {
    return unchanged(`${key} is not a plain YAML object, so nothing can be added to it.`);
  }
  const hindrance = hindranceIn(key, settings, images.length > 0);
  if (hindrance !== undefined) return unchanged(hindrance);
  if (images.length === 0) return { text, hindrance: undefined };
  const overrides = mapAt(document, ["config", key, "overrides"]);
  if (overrides === undefined) return unchanged(`${key}.overrides is not a plain YAML object.`);
  for (const image of images) {
    if (overrides.has(image.name)) continue;
    overrides.set(image.name, document.createNode({ repository: `${IMAGE_PREFIX}/${image.name}`, tag: image.tag }));
  }
  // Long lines are secrets; folding them would not change them, but would make the copy hard to compare.
  return { text: document.toString({ lineWidth: 0 }), hindrance: undefined };
}

/** Settings under which a pod of the real node could only fail to get its image, or would not be taken for one of its own. */
function hindranceIn(key: string, settings: YAMLMap, fromSandbox: boolean): string | undefined {
  if (settings.has("registry")) {
    const registry = String(settings.get("registry"));
    return fromSandbox
      ? `${key}.registry sends every image to ${registry}, which does not have those of the sandbox.`
      : `${key}.registry sends every image to ${registry}, and the real node runs those of the vendors' own registries.`;
  }
  if (fromSandbox && settings.get("pullPolicy") === "Always") {
    return `${key}.pullPolicy is Always, and no registry has the images of the sandbox.`;
  }
  return undefined;
}

/** The object at a path, made there if nothing is; undefined when something else is there. */
function mapAt(document: Document, path: readonly string[]): YAMLMap | undefined {
  // An empty value, as in `config:`, is a node as well, and takes no children.
  if (document.getIn(path) == null) document.setIn(path, document.createNode({}));
  const node = document.getIn(path, true);
  return isMap(node) ? node : undefined;
}
