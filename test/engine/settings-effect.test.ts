import type { z } from "zod";
import { renderConfiguration } from "../../stacks/render";
import { parseSettings, SettingsError, settingsSchema } from "../../stacks/settings";
import { mergeSettings } from "../../stacks/settings/merge";
import { choiceOf, type Field } from "../../stacks/settings/schema-view";
import { exactEnvironment } from "../support/render-settings";
import { type SettingPlace, sampleOf, settingPlaces } from "../support/settings-samples";

/** Each section with the systems that have to be there to see what its settings do. Needs no cluster, but a while. */
const sections: readonly (readonly [section: string, systems: readonly string[]])[] = [
  ["rabbitmq", ["openchecker"]],
  ["nfs", ["openchecker"]],
  ["sonarqube", ["openchecker", "sonarqube"]],
  ["openchecker", ["openchecker", "sonarqube"]],
  ["kubekloud", ["kubekloud", "harbor"]],
  ["harbor", ["harbor"]],
];

const systems = ["openchecker", "sonarqube", "harbor", "kubekloud", "kpaas", "pipeline", "sourceControl", "openhands"];

/** Settings that change no object in these renders, and why that is right. */
const withoutEffect: Readonly<Record<string, string>> = {
  "nfs.path": "the provisioner's, which is off; OpenChecker's volume has a path of its own",
  "nfs.provisioner": "off; a run tells that its settings are of no use",
  "openchecker.compassProxies": "off; a run with a proxy tells that its settings are of no use",
  "harbor.exposure.httpsPort": "only with TLS; a run without tells that it is of no use",
  "harbor.egress.0.name": "a name in the pictures of connections, which are no objects",
  "harbor.external": "read by the systems that pull from it, which are not rendered here",
  "harbor.robots.ci.rotation": "makes another secret, which no render shows",
  "harbor.robots.cluster.rotation": "makes another secret, which no render shows",
  "harbor.nodePreparation": "off; a run tells that its settings are of no use",
  "harbor.oidc": "off, since there is no identity provider in these renders",
};

const schemas = settingsSchema.shape as Readonly<Record<string, z.ZodType>>;

/** Values of the field's kind, some of which it takes. */
function values(field: Field): unknown[] {
  if (field["secret"] === true || field.const !== undefined || choiceOf(field) !== undefined) {
    return []; // a render shows no secret
  }
  const sample = sampleOf(field);
  switch (field.enum === undefined ? field.type : "enum") {
    case "enum":
      return [...(field.enum ?? [])];
    case "boolean":
      return [true, false];
    case "integer":
    case "number":
      return [sample, Number(sample) + 1, Number(sample) - 1, field.maximum];
    case "array":
    case "object":
      return [];
    default:
      return [
        sample,
        ...[`${sample}x`, `x${sample}`, "other", "other.example.org", "10.77.0.0/16", "10.77.0.1", "/other", "v9.9"],
        ...["https://other.example.org", "750m", "3", "900Mi", "3Gi", "7Gi", "5 5 * * *", "0 5 5 * * *"],
      ];
  }
}

async function rendered(configured: Record<string, unknown>): Promise<string | undefined> {
  const names = Object.keys(configured);
  try {
    parseSettings({ stack: "dev", configured, secretKeys: new Set(names) });
  } catch (error) {
    if (error instanceof SettingsError) {
      return undefined;
    }
    throw error;
  }
  const manifests = await renderConfiguration(exactEnvironment(configured, names));
  return JSON.stringify(manifests);
}

/** Whether two values that the setting takes give different objects; undefined where not even two can be rendered. */
async function hasEffect({ path, field, holding }: SettingPlace, on: readonly string[]): Promise<boolean | undefined> {
  const section = String(path[0]);
  const base = {
    preset: "dev",
    cluster: { context: "test", capabilities: { certManager: true, keda: true, prometheusOperator: true } },
    ...Object.fromEntries(systems.map((system) => [system, { enabled: on.includes(system) }])),
  };
  const alone = mergeSettings<unknown>(base, { harbor: { oidc: { enabled: false } } });
  const fitting = [...new Set(values(field))].filter(
    (value) => schemas[section]?.safeParse(holding(value)[section]).success,
  );
  const seen: string[] = [];
  for (const value of fitting) {
    const render = await rendered(mergeSettings<unknown>(alone, holding(value)) as Record<string, unknown>);
    if (render !== undefined && seen[0] !== undefined && render !== seen[0]) {
      return true;
    }
    seen.push(...(render === undefined ? [] : [render]));
    if (seen.length > 2) {
      break;
    }
  }
  return seen.length < 2 ? undefined : false;
}

test.each(sections)("every setting of %s changes an object, or there is a reason why not", async (section, on) => {
  const places = settingPlaces().filter(({ path }) => path[0] === section && path.length > 1);
  const none: string[] = [];
  let tried = 0;
  for (const place of places) {
    const name = place.path.join(".");
    const effect = await hasEffect(place, on);
    tried += effect === undefined ? 0 : 1;
    if (effect === false && !Object.keys(withoutEffect).some((each) => name === each || name.startsWith(`${each}.`))) {
      none.push(name);
    }
  }
  expect(none).toEqual([]);
  expect(tried).toBeGreaterThan(2);
});
