import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  type ClusterStatus,
  type ClusterUpOptions,
  clusterDown,
  clusterReset,
  clusterStatus,
  clusterUp,
} from "../sandbox/cluster";
import { NODE_NAME } from "../sandbox/node/configuration";
import { terminalProgress } from "../sandbox/progress";
import { UserError } from "../sandbox/user-error";
import { imageSource, nodeKind, nodeOptions } from "./shared/node-option";
import { table } from "./shared/table";

const HELP = `Usage: npm run sandbox -- <action> [--directory DIR]

The embedded Kubernetes cluster by itself: a real API server with simulated nodes, on 127.0.0.1 only. On request it has
a node as well that runs containers.

Actions
  up           start it, or repair it, or create it
  down         stop it; its data stays
  status       what runs, where, and what is on it
  kubeconfig   print the path of its kubeconfig: export KUBECONFIG=$(npm run -s sandbox -- kubeconfig)
  reset        stop it and remove everything of it, the state of what was deployed included

Options
  --directory DIR   the sandbox folder (default: .sandbox in this checkout)
  --audit-log       with up: log each API call
  --node KIND       with up: real adds a node that runs containers, see docs/real-node.md; simulated takes it away
                    (default: as it was, at first simulated)
  --images SOURCE   with up: where the images of a real node come from, vendor or sandbox; see docs/real-node.md
  -h, --help        this text
`;

/** @returns the exit code: 0 when the action succeeded; for `status` only when the cluster is running */
export async function sandbox(args: string[]): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return misuse(error instanceof Error ? error.message : String(error));
  }
  if (parsed.values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [action, ...rest] = parsed.positionals;
  if (action === undefined) return misuse("an action is missing");
  if (rest.length > 0) return misuse(`one action is allowed, not ${parsed.positionals.length}`);
  const { directory, node, images, "audit-log": auditLog } = parsed.values;
  if (node !== undefined && action !== "up") return misuse(`--node goes with up, not with ${action}`);
  if (images !== undefined && action !== "up") return misuse(`--images goes with up, not with ${action}`);
  let chosen: ReturnType<typeof nodeOptions>;
  try {
    chosen = nodeOptions(nodeKind(node), imageSource(images));
  } catch (error) {
    if (error instanceof UserError) return misuse(error.message.replace(/\.$/, ""));
    throw error;
  }
  return act(action, {
    ...(directory !== undefined && { directory }),
    ...(auditLog !== undefined && { auditLog }),
    ...chosen,
  });
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      directory: { type: "string" },
      "audit-log": { type: "boolean" },
      node: { type: "string" },
      images: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
}

async function act(action: string, options: ClusterUpOptions): Promise<number> {
  switch (action) {
    case "up": {
      const cluster = await clusterUp(terminalProgress(), options);
      const real = cluster.node === "real" ? ` Its node ${NODE_NAME} runs containers.` : "";
      process.stdout.write(`The sandbox is up at ${cluster.server}.${real}\nexport KUBECONFIG=${cluster.kubeconfig}\n`);
      return 0;
    }
    case "down": {
      await clusterDown(options);
      const { state } = await clusterStatus(options);
      const kept = "The sandbox is stopped. Its data is kept: `npm run sandbox -- up` starts it again.";
      process.stdout.write(`${state === "stopped" ? kept : "There is no sandbox to stop."}\n`);
      return 0;
    }
    case "status": {
      const status = await clusterStatus(options);
      process.stdout.write(statusReport(status));
      return status.state === "running" ? 0 : 1;
    }
    case "kubeconfig":
      return printKubeconfig(await clusterStatus(options));
    case "reset":
      await clusterReset(options);
      process.stdout.write("The sandbox is removed, with its data and the state of what was deployed on it.\n");
      return 0;
    default:
      return misuse(`there is no action ${JSON.stringify(action)}`);
  }
}

function misuse(what: string): number {
  process.stderr.write(`npm run sandbox: ${what}.\n\n${HELP}`);
  return 2;
}

function printKubeconfig(status: ClusterStatus): number {
  if (existsSync(status.kubeconfig)) {
    process.stdout.write(`${status.kubeconfig}\n`);
    return 0;
  }
  process.stderr.write(
    `The sandbox is ${status.state}, so there is no kubeconfig: run \`npm run sandbox -- up\` first.\n`,
  );
  return 1;
}

/** For people: where the cluster is, what it consists of, what is on it. */
export function statusReport(status: ClusterStatus): string {
  const facts: [string, string | undefined][] = [
    ["sandbox", status.reason === undefined ? status.state : `${status.state}: ${status.reason}`],
    ["cluster", status.name],
    ["folder", status.directory],
    ["server", status.server],
    ["kubernetes", status.kubernetesVersion],
    ["real node", realNodeInWords(status.realNode)],
    ["nodes", status.nodes.map(({ name, ready }) => `${name}${ready ? "" : " (not ready)"}`).join(", ") || undefined],
  ];
  const head = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(11)} ${value}`]));
  if (status.state === "absent") return `${head.join("\n")}\n\nCreate it with: npm run sandbox -- up\n`;
  const components = table([
    ["COMPONENT", "PID", "PORTS", "MEMORY"],
    ...status.components.map(({ component, pid, ports, memoryBytes }) => [
      component,
      pid === undefined ? "-" : String(pid),
      ports.join(", ") || "-",
      pid === undefined ? "-" : mebibytes(memoryBytes),
    ]),
  ]);
  const namespaces = Object.entries(status.objects)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([namespace, kinds]) => [namespace, countsInWords(kinds)]);
  const total = status.components.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const sections = [
    `${head.join("\n")}\n`,
    total === 0 ? components : `${components}${mebibytes(total)} of memory in all\n`,
  ];
  if (namespaces.length > 0) sections.push(table([["NAMESPACE", "OBJECTS"], ...namespaces]));
  return sections.join("\n");
}

/** Nothing of a node that nobody asked for. */
function realNodeInWords({ wanted, running }: ClusterStatus["realNode"]): string | undefined {
  if (!wanted) return undefined;
  return running ? `${NODE_NAME} runs` : `${NODE_NAME} does not run; npm run sandbox -- up starts it`;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function countsInWords(kinds: Readonly<Record<string, number>>): string {
  return Object.entries(kinds)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}
