import type { z } from "zod";
import { renderConfiguration } from "../../stacks/render";
import { parseSettings, SettingsError, settingsSchema, settingsWarnings } from "../../stacks/settings";
import { isPlainObject, mergeSettings } from "../../stacks/settings/merge";
import { without } from "../../stacks/settings/paths";
import { exactEnvironment } from "../support/render-settings";
import { type SettingPlace, settingPlaces } from "../support/settings-samples";

/** What a hostile or a tired person writes, of every type. */
const hostile: readonly unknown[] = [
  ...[
    "",
    " ",
    "\n",
    "a\nb",
    "a\tb",
    "\u0000",
    "-",
    "a".repeat(300),
    "../..",
    "/..",
    `$\{x}`,
    "{{x}}",
    "$(x)",
    "%",
    "'\"`;",
  ],
  ...[
    "<b>",
    "http://u:p@h",
    "https://sso.example.org:99999/x",
    "é",
    "\u{1f4a9}",
    "0",
    "007",
    "NaN",
    "null",
    "true",
    "*",
  ],
  ...["localhost", "192.168.0.256", "0.0.0.0/0", "10.1.2.3/8", "512m", "1Gi", "99 3 * * *", "__proto__", "constructor"],
  ...["latest", "default", "x:y@z", -1, 0, 1.5, 1e21, 5e-324, 65_536, 2 ** 53, true, false, null],
  ...[[], {}, [null], [""], [[]], [{}], { "": "" }, { "a b": "c" }],
  ...[JSON.parse('{"__proto__": 1}'), JSON.parse('{"constructor": {}}')],
];

const places = settingPlaces();
const schemas = settingsSchema.shape as Readonly<Record<string, z.ZodType>>;
const cluster = { context: "test", capabilities: { certManager: true, keda: true } };

/** Whether the section by itself takes the value. */
function takes({ path, holding }: SettingPlace, value: unknown): boolean {
  const section = String(path[0]);
  return schemas[section]?.safeParse(holding(value)[section]).success === true;
}

/** The same as a whole stack, with the rules that compare settings; the error's message, if there is one. */
function refusal(configured: Record<string, unknown>): SettingsError | undefined {
  try {
    const sections = { ...configured, cluster: mergeSettings<unknown>(cluster, configured["cluster"]) };
    settingsWarnings(
      parseSettings({ stack: "dev", configured: sections, secretKeys: new Set(Object.keys(sections)) }),
      sections,
    );
    return undefined;
  } catch (error) {
    if (error instanceof SettingsError) {
      return error;
    }
    throw error;
  }
}

test("no value of any setting crashes the schema, and single lines stay single lines", () => {
  const breaking = places.filter((place) => ["a\nb", "a\tb", "\u0000"].some((value) => takes(place, value)));
  // Annotations may hold whole snippets; everything else ends in a line of a file.
  expect(breaking.map(({ path }) => path.join(".")).filter((path) => !path.includes("annotations"))).toEqual([]);
  for (const place of places) {
    for (const value of hostile) {
      expect(() => takes(place, value)).not.toThrow();
    }
  }
});

test("a refusal names the setting, or one around it", () => {
  const elsewhere: string[] = [];
  places.forEach((place, index) => {
    const value = hostile[index % hostile.length];
    const error = takes(place, value) ? undefined : refusal(place.holding(value));
    const leads = (path: readonly (string | number)[]): boolean =>
      path.every((key, position) => position >= place.path.length || String(key) === String(place.path[position]));
    if (error !== undefined && !error.problems.some(({ paths }) => paths.some(leads))) {
      elsewhere.push(`${place.path.join(".")}: ${error.message}`);
    }
  });
  expect(elsewhere).toEqual([]);
});

/** Settings that hold, for every place, the same one of the values that it takes; without what the rules refuse then. */
function accepted(round: number): Record<string, unknown> {
  let configured: Record<string, unknown> = {};
  for (const place of places) {
    const fitting = hostile.filter((value) => takes(place, value));
    const value = fitting[round % Math.max(fitting.length, 1)];
    // What switches systems off would hide what the others hold.
    if (fitting.length > 0 && place.path.at(-1) !== "enabled" && place.path[0] !== "preset") {
      configured = mergeSettings<unknown>(configured, place.holding(value)) as Record<string, unknown>;
    }
  }
  for (let tries = 0; tries < 30; tries++) {
    const error = refusal(configured);
    if (error === undefined) {
      return configured;
    }
    for (const { paths } of error.problems) {
      for (const path of paths) {
        const kept = without(configured, path.slice(0, Math.max(1, path.length - (tries > 5 ? 2 : 0))));
        configured = isPlainObject(kept) ? { ...kept } : configured;
      }
    }
  }
  return {};
}

test.each([0, 1, 2])("what every setting takes at once is rendered, round %d", async (round) => {
  const configured = accepted(round * 7);
  const sections = { preset: "dev", ...configured, cluster: mergeSettings<unknown>(cluster, configured["cluster"]) };
  expect(Object.keys(configured).length).toBeGreaterThan(3);

  const manifests = await renderConfiguration(exactEnvironment(sections, Object.keys(sections)));
  expect(manifests.length).toBeGreaterThan(0);
});
