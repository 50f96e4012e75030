import { relative } from "node:path";
import type { Target } from "../../sandbox/engine/target";
import { NODE_NAME } from "../../sandbox/node/configuration";
import { table } from "./table";

export interface NextStepsFacts {
  readonly stack: string;
  readonly target: Target;
  /** Systems that have a login among the stack's credentials. */
  readonly credentials: readonly string[];
}

/** What `npm start` ends with: how to look around, get in, change something and stop. */
export function nextSteps({ stack, target, credentials }: NextStepsFacts): string {
  const stackOption = stack === "dev" ? "" : ` --stack ${stack}`;
  const embedded = target.kind === "sandbox";
  const cluster = embedded ? "" : ` --kubeconfig ${target.kubeconfig} --context ${target.context}`;
  const run = (command: string, ...words: string[]) => {
    const rest = `${words.map((word) => ` ${word}`).join("")}${stackOption}${cluster}`;
    return `npm run ${command}${rest === "" ? "" : ` --${rest}`}`;
  };
  const [login] = credentials;
  const steps = [
    [
      "look around",
      `kubectl --kubeconfig ${relative(process.cwd(), target.kubeconfig)} --context ${target.context} get pods -A`,
    ],
    ...(login === undefined ? [] : [["log in", run("output", `credentials.${login}`, "--show-secrets")]]),
    ["change something", `edit Pulumi.${stack}.yaml, then ${run("preview")} and ${run("up")}`],
    ["start over", run("destroy")],
    ...(embedded ? [["stop", "npm run sandbox -- down"]] : []),
  ];
  return `${table(steps)}${embedded ? whatIsReal(target.realNode !== undefined) : ""}`;
}

/** What a reader of the table may believe of the embedded cluster. */
function whatIsReal(realNode: boolean): string {
  if (realNode) {
    return (
      `Pods of which the column RUNS says real run in containers on the node ${NODE_NAME}: \`kubectl logs\` and\n` +
      "`kubectl exec` work there. All others are simulated, and nothing listens behind the URLs. See docs/real-node.md;\n" +
      "`npm start -- --node simulated` takes the node away.\n"
    );
  }
  return (
    "The API server, admission, scheduler and controllers are real; nodes and containers are simulated: no image is\n" +
    "pulled, nothing listens behind the URLs. `npm start -- --node real` runs databases, broker and logins in containers\n" +
    "here (Linux, root; docs/real-node.md). Use --kubeconfig FILE --context NAME for a cluster that runs everything.\n"
  );
}
