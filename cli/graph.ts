import { stackNetwork } from "../stacks/graph";
import { type ConnectionGraph, type GraphView, mermaidGraph, namespacesOf } from "../stacks/graph/mermaid";
import { misuse, parseArguments } from "./shared/command-arguments";

const HELP = `npm run -s graph [-- [--stack STACK] [--overview | --namespace NAME]]

Prints which pods of a stack may talk to whom, as a Mermaid flowchart: the declared connections, from which the network
policies are made as well. No cluster is asked.

  --stack STACK      default: dev
  --overview         one box per namespace, without ports
  --namespace NAME   the pods of one namespace only, and the ways from and to them
`;

/** `npm run graph`. Returns the exit code. */
export async function graph(args: string[]): Promise<number> {
  const { values } = parseArguments(
    {
      args,
      options: {
        stack: { type: "string", default: "dev" },
        overview: { type: "boolean" },
        namespace: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    },
    HELP,
  );
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const network = await stackNetwork(values.stack);
  process.stdout.write(mermaidGraph(network, viewOf(network, values.overview, values.namespace)));
  return 0;
}

function viewOf(network: ConnectionGraph, overview: boolean | undefined, namespace: string | undefined): GraphView {
  if (namespace === undefined) return overview ? "namespaces" : "workloads";
  if (overview) throw misuse("--overview and --namespace exclude each other.", HELP);
  const namespaces = namespacesOf(network);
  if (!namespaces.includes(namespace)) {
    throw misuse(`No pods of the stack are in a namespace ${namespace}, only in ${namespaces.join(", ")}.`, HELP);
  }
  return { namespace };
}
