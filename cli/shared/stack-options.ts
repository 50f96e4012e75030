import { clusterUp, type NodeKind } from "../../sandbox/cluster";
import { CONTEXT } from "../../sandbox/cluster/kubeconfig";
import { layoutOf } from "../../sandbox/cluster/layout";
import { readRecord } from "../../sandbox/cluster/record";
import { type ProviderChoice, providerChoices } from "../../sandbox/engine/providers";
import type { RunOptions } from "../../sandbox/engine/run";
import { clusterTarget, type Target } from "../../sandbox/engine/target";
import type { ImageSource } from "../../sandbox/node/image-source";
import type { ProgressSink } from "../../sandbox/progress";
import { UserError } from "../../sandbox/user-error";
import { misuse, parseArguments } from "./command-arguments";
import { imageSource, nodeKind, nodeOptions } from "./node-option";

/** Every option of the commands that work on a stack. A command names those that it takes beside the common ones. */
const options = {
  stack: { type: "string" },
  kubeconfig: { type: "string" },
  context: { type: "string" },
  providers: { type: "string" },
  help: { type: "boolean", short: "h" },
  yes: { type: "boolean", short: "y" },
  recover: { type: "boolean" },
  refresh: { type: "boolean" },
  "expect-no-changes": { type: "boolean" },
  target: { type: "string", multiple: true },
  replace: { type: "string", multiple: true },
  parallel: { type: "string" },
  diff: { type: "boolean" },
  json: { type: "boolean" },
  node: { type: "string" },
  images: { type: "string" },
  "show-secrets": { type: "boolean" },
} as const;

type OptionName = keyof typeof options;
type Values = ReturnType<typeof parse>["values"];

const commonOptions: readonly OptionName[] = ["stack", "kubeconfig", "context", "providers", "help"];

/** What every command with stack options prints below its own ones. */
export const stackOptionsHelp = `  --stack NAME         the stack, as in Pulumi.<stack>.yaml (default: dev)
  --kubeconfig FILE    work on this cluster instead of the embedded one ...
  --context NAME       ... in this context; the stack must name the same one in platform:cluster.context
  --providers KIND     official (Pulumi's plugins), builtin (no plugins needed) or auto (default: on the embedded
                       cluster what the stack was made with, else official if they can be had, else builtin; on any
                       other cluster official)
  -h, --help           this text
`;

/** The option in the help of the commands that take it. */
export const recoverOptionHelp = `  --recover            first remove the lock of a run that was killed, and repair the state; on the embedded cluster
                       that is done anyway, unless the run was on another machine or in another container
`;

/** The stack a command works on, and where. */
export interface StackChoice {
  readonly stack: string;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly providers: ProviderChoice;
  /** Where pods of the embedded cluster run. @default as it was, at first simulated */
  readonly node?: NodeKind;
  /** Where the images of a real node come from. @default as it was, at first what can be reached */
  readonly images?: ImageSource;
}

/** The understood arguments of a command. */
export interface Arguments {
  readonly choice: StackChoice;
  readonly values: Values;
  /** The words that are not options. */
  readonly words: readonly string[];
}

/**
 * Reads the arguments of a command that works on a stack.
 * @param own names of the options that the command takes beside the common ones
 * @param words how many words without -- it takes
 * @returns undefined when the help was asked for; it is printed then
 * @throws UserError for unknown options, missing values and too many words
 */
export function readArguments(
  args: string[],
  help: string,
  own: readonly OptionName[],
  words = 0,
): Arguments | undefined {
  const parsed = parse(args, help);
  if (parsed.values.help === true) {
    process.stdout.write(help);
    return undefined;
  }
  const foreign = Object.keys(parsed.values).find((name) => ![...commonOptions, ...own].some((each) => each === name));
  if (foreign !== undefined) throw misuse(`This command has no option --${foreign}.`, help);
  const extra = parsed.positionals[words];
  if (extra !== undefined) throw misuse(`"${extra}" is one word too many. Options start with --.`, help);
  return { choice: stackChoice(parsed.values), values: parsed.values, words: parsed.positionals };
}

/** The engine's options among the arguments. */
export function runOptions(values: Values): RunOptions {
  const { target, replace, refresh, recover, parallel } = values;
  return {
    ...(target !== undefined && { targets: target }),
    ...(replace !== undefined && { replace }),
    ...(refresh !== undefined && { refresh }),
    ...(recover !== undefined && { recover }),
    ...(parallel !== undefined && { parallel: wholeNumber("parallel", parallel) }),
    expectNoChanges: values["expect-no-changes"] ?? false,
  };
}

function parse(args: string[], help: string) {
  return parseArguments({ args, allowPositionals: true, options }, help);
}

function stackChoice(values: Values): StackChoice {
  const asked = values.providers ?? "auto";
  const providers = providerChoices.find((each) => each === asked);
  if (providers === undefined) {
    throw new UserError(`--providers ${asked} does not exist. It is one of: ${providerChoices.join(", ")}.`);
  }
  const { stack, kubeconfig, context } = values;
  const node = nodeKind(values.node);
  const images = imageSource(values.images);
  if ((node !== undefined || images !== undefined) && (kubeconfig !== undefined || context !== undefined)) {
    throw new UserError(
      "--node and --images are about the embedded cluster, and --kubeconfig and --context name another one, whose nodes are its own. " +
        "Leave one of them out.",
    );
  }
  if (stack !== undefined && !/^[A-Za-z0-9][\w.-]*$/.test(stack)) {
    throw new UserError(`--stack ${JSON.stringify(stack)} is not a name of a stack: letters, digits, -, _ and . are.`);
  }
  return { stack: stack ?? "dev", kubeconfig, context, providers, ...nodeOptions(node, images) };
}

function wholeNumber(option: OptionName, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UserError(`--${option} takes a whole number from 1 to 9999, not ${JSON.stringify(text)}.`);
}

/** The cluster of a command: the user's if one of its options is given, else the embedded one, started if needed. */
export async function chooseTarget(choice: StackChoice, progress: ProgressSink): Promise<Target> {
  if (choice.kubeconfig !== undefined || choice.context !== undefined) {
    return clusterTarget(choice.kubeconfig, choice.context);
  }
  const { kubeconfig, context, server, images } = await clusterUp(progress, nodeOptions(choice.node, choice.images));
  return { kind: "sandbox", kubeconfig, context, server, realNode: images };
}

/** The cluster whose state a command reads. The embedded one is not started for that: its state is in files. */
export function chooseStateTarget(choice: StackChoice): Target {
  if (choice.kubeconfig !== undefined || choice.context !== undefined) {
    return clusterTarget(choice.kubeconfig, choice.context);
  }
  const layout = layoutOf();
  const record = readRecord(layout);
  const realNode = record?.node === "real" ? (record.images ?? "sandbox") : undefined;
  return { kind: "sandbox", kubeconfig: layout.kubeconfig, context: CONTEXT, server: "the embedded cluster", realNode };
}
