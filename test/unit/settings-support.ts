import { type Problem, parseSettings, type Settings, SettingsError } from "../../stacks/settings";
import { formatPath } from "../../stacks/settings/paths";

/** Switches K-PaaS off, and every system of the presets that cannot do without it, Harbor's login excepted. */
export const withoutKpaas = {
  kpaas: { enabled: false },
  pipeline: { enabled: false },
  sourceControl: { enabled: false },
  openhands: { enabled: false },
};

type Configured = Readonly<Record<string, unknown>>;

interface StackOptions {
  readonly stack?: string;
  /** Sections that hold encrypted values. */
  readonly secretKeys?: readonly string[];
}

/** Settings of a stack that sets `configured` besides the one thing that has no default. */
export function settingsOf(configured: Configured, { stack = "prod", secretKeys = [] }: StackOptions = {}): Settings {
  const cluster = { context: "some-context", ...(configured["cluster"] as object | undefined) };
  return parseSettings({ stack, configured: { ...configured, cluster }, secretKeys: new Set(secretKeys) });
}

/** The error that the settings give; fails the test when they give none. */
export function errorOf(configured: Configured, options: StackOptions = {}): SettingsError {
  try {
    settingsOf(configured, options);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error;
    }
    throw error;
  }
  throw new Error("The settings were accepted.");
}

/** The problems of the settings by path. */
export function problemsOf(configured: Configured, options: StackOptions = {}): { path: string; text: string }[] {
  return errorOf(configured, options).problems.map((problem) => ({ path: pathOf(problem), text: textOf(problem) }));
}

function pathOf({ paths }: Problem): string {
  return paths.map(formatPath).join(" + ");
}

function textOf({ reason, given, allowed, remedy }: Problem): string {
  return [reason, ...given, allowed, remedy].join("\n");
}
