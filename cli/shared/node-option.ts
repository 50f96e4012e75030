import type { NodeKind } from "../../sandbox/cluster";
import { type ImageSource, imageSources } from "../../sandbox/node/image-source";
import { UserError } from "../../sandbox/user-error";

const kinds = ["real", "simulated"] as const satisfies readonly NodeKind[];

/** The option in the help of the commands that start the embedded cluster. */
export const nodeOptionHelp = `  --node KIND          real: the embedded cluster gets a node that runs containers, see docs/real-node.md;
                       simulated: it has none (default: as it was, at first simulated)
  --images SOURCE      of a real node: vendor (pulled from where their vendors publish them) or sandbox (made here from
                       packages; default: as it was, at first vendor where their registry answers)
`;

/** Both options, as the cluster takes them. */
export function nodeOptions(
  node: NodeKind | undefined,
  images: ImageSource | undefined,
): { readonly node?: NodeKind; readonly images?: ImageSource } {
  return { ...(node !== undefined && { node }), ...(images !== undefined && { images }) };
}

/**
 * What `--images` was given.
 * @returns undefined when it was not given: they come from where they came
 * @throws UserError for anything else than a source of images
 */
export function imageSource(text: string | undefined): ImageSource | undefined {
  const source = imageSources.find((each) => each === text);
  if (source === undefined && text !== undefined) {
    throw new UserError(`--images ${text} does not exist. It is one of: ${imageSources.join(", ")}.`);
  }
  return source;
}

/**
 * What `--node` was given.
 * @returns undefined when it was not given: the cluster stays as it is
 * @throws UserError for anything else than a kind of node
 */
export function nodeKind(text: string | undefined): NodeKind | undefined {
  const kind = kinds.find((each) => each === text);
  if (kind === undefined && text !== undefined) {
    throw new UserError(`--node ${text} does not exist. It is one of: ${kinds.join(", ")}.`);
  }
  return kind;
}
