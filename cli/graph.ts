import { stackNetwork } from "../stacks/graph";
import { mermaidGraph } from "../stacks/graph/mermaid";
import { parseArguments } from "./shared/command-arguments";

const HELP = `npm run -s graph [-- --stack STACK]

Prints which pods of a stack may talk to whom, as a Mermaid flowchart: the declared connections, from which the network
policies are made as well. No cluster is asked.

  --stack STACK   default: dev
`;

/** `npm run graph`. Returns the exit code. */
export async function graph(args: string[]): Promise<number> {
  const { values } = parseArguments(
    {
      args,
      options: { stack: { type: "string", default: "dev" }, help: { type: "boolean", short: "h" } },
    },
    HELP,
  );
  process.stdout.write(values.help ? HELP : mermaidGraph(await stackNetwork(values.stack)));
  return 0;
}
