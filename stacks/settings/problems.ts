import { RunError } from "@pulumi/pulumi";
import { formatPath, type SettingPath } from "./paths";
import { redacted } from "./redact";

/** One thing that is wrong with the settings. Its texts never hold a secret. */
export interface Problem {
  /** The settings that have to change (one of them); the first is the one that the report is sorted by. */
  readonly paths: readonly SettingPath[];
  /** A whole key of the configuration that is no setting, in place of paths. */
  readonly key?: string;
  /** What is wrong, as a sentence without the path. */
  readonly reason: string;
  /** What was given, for example `the text "5"`. One for each path. */
  readonly given: readonly string[];
  /** What is allowed there. */
  readonly allowed?: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/**
 * All problems of a stack's settings in one message. As a RunError it ends a Pulumi program without a stack trace, and
 * by its name the commands know that it is the user's to solve (`sandbox/user-error.ts`).
 */
export class SettingsError extends RunError {
  override readonly name = "UserError";

  constructor(
    /** Stack whose settings are wrong. */
    readonly stackName: string,
    /** In the order of the report. */
    readonly problems: readonly Problem[],
    /** True when rules over several settings could not be checked, because too much is wrong with single ones. */
    readonly incomplete: boolean,
  ) {
    super(redacted(report(stackName, problems, incomplete)));
  }
}

function report(stack: string, problems: readonly Problem[], incomplete: boolean): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const later = "Rules that combine several settings are checked once these are solved.\n";
  return [
    `The settings of stack "${stack}" have ${count}. Nothing was registered.\n`,
    ...problems.map((problem, index) => `${entry(problem, index + 1)}\n`),
    ...(incomplete ? [later] : []),
    `Edit Pulumi.${stack}.yaml, or use \`pulumi config set --stack ${stack} --path '<setting>' <value>\`. ` +
      "docs/settings.md explains every setting.",
  ].join("\n");
}

function entry({ paths, key, reason, given, allowed, remedy }: Problem, number: number): string {
  const single = paths.length === 1;
  const rows: [title: string, text: string | undefined][] = [
    ["problem", reason],
    ["given", single ? given[0] : undefined],
    ["allowed", allowed],
    ["to do", remedy],
  ];
  const margin = " ".repeat(`${number}. `.length);
  return [
    ...(key === undefined ? [] : [`${margin}${key}`]),
    ...paths.map((path, index) => `${margin}${formatPath(path)}${single ? "" : `: ${given[index] ?? "not set here"}`}`),
    ...rows.filter(([, text]) => text !== undefined).map(([title, text]) => `${margin}  ${title.padEnd(8)} ${text}`),
  ]
    .join("\n")
    .replace(margin, `${number}. `);
}
