import type { NodeKind } from "../../sandbox/cluster";
import { UserError } from "../../sandbox/user-error";

const kinds = ["real", "simulated"] as const satisfies readonly NodeKind[];

/** The option in the help of the commands that start the embedded cluster. */
export const nodeOptionHelp = `  --node KIND          real: the embedded cluster gets a node that runs containers, see docs/real-node.md;
                       simulated: it has none (default: as it was, at first simulated)
`;

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
