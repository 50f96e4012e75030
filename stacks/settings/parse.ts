import { dev } from "../dev";
import { prod } from "../prod";
import { type Evidence, explain, given, nearest } from "./explain";
import { isPlainObject, mergeSettings } from "./merge";
import { misplacedSecrets } from "./misplaced-secrets";
import { formatPath, overlap, type SettingPath, valueAt, without } from "./paths";
import { type Problem, SettingsError } from "./problems";
import { violations } from "./rules";
import { type Preset, type Settings, settingsSchema } from "./schema";
import { viewOf } from "./schema-view";
import { givenSecrets, UNKNOWN_SECRET } from "./secrets";

/** What each kind of environment means. */
export const presets: Readonly<Record<Settings["preset"], Preset>> = { dev, prod };

/** What a stack sets by itself. */
export interface StackConfiguration {
  /** Name of the stack. */
  readonly stack: string;
  /** Plain values by section, without the namespace `platform:`. */
  readonly configured: Readonly<Record<string, unknown>>;
  /** Sections in which something is stored encrypted; nothing of them is shown in an error. */
  readonly secretKeys: ReadonlySet<string>;
  /** Whole keys outside the namespaces `platform:` and `pulumi:`, which nobody would read. */
  readonly foreignKeys?: readonly string[];
}

/**
 * The settings of a stack: its own values on top of its preset, on top of the defaults.
 * @throws SettingsError with every problem at once; nothing may be registered then.
 */
export function parseSettings({ stack, configured, secretKeys, foreignKeys = [] }: StackConfiguration): Settings {
  const presetProblems = configured["preset"] === undefined && !isPreset(stack) ? [missingPreset(stack)] : [];
  const own = { preset: isPreset(stack) ? stack : "dev", ...configured };
  const merged = layered(own);
  const evidence: Evidence = { view: viewOf(settingsSchema), merged, secretKeys };
  const parsed = settingsSchema.safeParse(merged);
  const single = [
    ...presetProblems,
    ...foreignKeys.map(foreignKey),
    ...(parsed.error?.issues ?? []).flatMap((issue) => explain(issue, evidence)),
    ...unencryptedSecrets(evidence, configured),
    ...misplacedSecrets(evidence.view, configured),
  ];
  const { settings, broken } = parsed.success ? { settings: parsed.data, broken: [] } : withoutWrongValues(own);
  const combined = (settings === undefined ? [] : violations({ settings, configured }))
    .filter(({ paths }) => !paths.some((path) => broken.some((each) => overlap(path, each))))
    .map(
      (violation): Problem => ({
        ...violation,
        given: violation.paths.map((path) => given(path, { ...evidence, merged: settings })),
      }),
    );
  if (!parsed.success || single.length + combined.length > 0) {
    throw new SettingsError(stack, [...single, ...combined], settings === undefined);
  }
  return parsed.data;
}

/** What a stack sets, on top of its preset. A section that nobody mentions is an empty one. */
function layered(own: unknown): Readonly<Record<string, unknown>> {
  const name = valueAt(own, ["preset"]);
  const sections = Object.keys(settingsSchema.shape).filter((key) => key !== "preset");
  const empty = Object.fromEntries(sections.map((key) => [key, {}]));
  const merged = mergeSettings(mergeSettings<unknown>(empty, name === "prod" ? prod : dev), own);
  return isPlainObject(merged) ? merged : {};
}

function isPreset(name: string): name is Settings["preset"] {
  return Object.keys(presets).includes(name);
}

function missingPreset(stack: string): Problem {
  return {
    paths: [["preset"]],
    reason: "The name of the stack does not say what kind of environment it is, so this setting has to.",
    given: [],
    allowed: `one of ${Object.keys(presets).join(", ")}`,
    remedy: `pulumi config set --stack ${stack} platform:preset ${nearest(stack, Object.keys(presets)) ?? "dev"}`,
  };
}

function foreignKey(key: string): Problem {
  const name = key.slice(key.indexOf(":") + 1);
  const section = nearest(name, Object.keys(settingsSchema.shape));
  return {
    paths: [],
    key,
    reason: "Nobody reads this key: settings stand under the namespace `platform:`.",
    given: [],
    remedy:
      section === undefined
        ? `Remove \`${key}\`.`
        : `Did you mean \`platform:${section}\`? Otherwise remove \`${key}\`.`,
  };
}

function unencryptedSecrets({ view, secretKeys }: Evidence, configured: Readonly<Record<string, unknown>>): Problem[] {
  // Offline an encrypted value is a placeholder, so what stands beside one and is none was never encrypted.
  const isOpen = (path: SettingPath): boolean =>
    !secretKeys.has(String(path[0])) ||
    (holdsPlaceholder(configured[String(path[0])]) && !holdsPlaceholder(valueAt(configured, path)));
  return givenSecrets(view, configured)
    .filter(isOpen)
    .map((path) => ({
      paths: [path],
      reason: "This secret is stored unencrypted.",
      given: [],
      remedy: `Choose a new value, since others may have read this one, and store it with: pulumi config set --secret --path '${formatPath(path)}'`,
    }));
}

function holdsPlaceholder(value: unknown): boolean {
  return typeof value === "object" && value !== null
    ? Object.values(value).some(holdsPlaceholder)
    : value === UNKNOWN_SECRET;
}

/**
 * The settings as they would be without the wrong values, so that rules over several settings are checked in the same
 * run, and the paths that were left out: what the rules say about those does not count.
 */
function withoutWrongValues(own: unknown): { settings?: Settings; broken: readonly SettingPath[] } {
  const broken: SettingPath[] = [];
  // What has no default must not hide what the rules find, and none of them looks at these two.
  const required = { preset: "dev", cluster: { context: "absent" } };
  let rest = own;
  // Each round may uncover what the removed values hid, such as an object that is incomplete without one of them.
  for (let round = 0; round < 5; round++) {
    const parsed = settingsSchema.safeParse(mergeSettings<unknown>(required, layered(rest)));
    if (parsed.success) {
      return { settings: parsed.data, broken };
    }
    for (const issue of parsed.error.issues) {
      const path = issue.path.map((key) => (typeof key === "symbol" ? String(key) : key));
      const places = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
      for (const place of places) {
        // A missing value cannot be left out, but the object that lacks it can.
        const removed = valueAt(rest, place) === undefined ? place.slice(0, -1) : place;
        broken.push(removed);
        rest = without(rest, removed);
      }
    }
  }
  return { broken };
}
