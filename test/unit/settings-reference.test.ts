import { parse } from "yaml";
import { parseSettings, settingsSchema } from "../../stacks/settings";
import { isPlainObject } from "../../stacks/settings/merge";
import { settingsReference } from "../../stacks/settings/reference";
import { type Field, viewOf } from "../../stacks/settings/schema-view";

const reference = settingsReference();

test("the examples together are a valid stack with the defaults of production", () => {
  const blocks = [...reference.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => parse(text ?? ""));
  const sections = Object.entries(Object.assign({}, ...blocks));
  const configured = Object.fromEntries(sections.map(([key, value]) => [key.slice("platform:".length), value]));
  const prod = {
    cluster: { context: "platform-prod" },
    lifecycle: {},
    rabbitmq: { replicas: 1 },
    sonarqube: { exposure: { type: "clusterIp" } },
    harbor: { exposure: { type: "nodePort" }, oidc: { enabled: false } },
    kpaas: { enabled: false },
    pipeline: { enabled: false },
    sourceControl: { enabled: false },
    vault: { replicas: 1 },
    openhands: { enabled: false, exposure: { type: "clusterIp" } },
  };

  const fromExamples = parseSettings({ stack: "prod", configured, secretKeys: new Set() });

  expect(fromExamples).toEqual({
    ...parseSettings({ stack: "prod", configured: prod, secretKeys: new Set() }),
    lifecycle: { protectData: false, retainData: false },
  });
});

test("every setting says what it means", () => {
  expect(undescribed(viewOf(settingsSchema), "platform")).toEqual([]);
});

/** Paths of fields without a description. */
function undescribed(field: Field, path: string): string[] {
  const properties = Object.entries(field.properties ?? {}).flatMap(([key, each]): [string, Field][] =>
    isPlainObject(each) ? [[`${path}.${key}`, each]] : [],
  );
  const missing = properties.filter(([, each]) => each.description === undefined).map(([name]) => name);
  const entries = [field.items, field.additionalProperties, ...(field.oneOf ?? [])].filter(isPlainObject);
  return [
    ...missing,
    ...properties.flatMap(([name, each]) => undescribed(each, name)),
    ...entries.flatMap((each) => undescribed(each, path)),
  ];
}

test.each([
  ["what is required", "| `context` | text | required |"],
  ["a default that a preset changes", "| `replicas` | number | `1`; prod: `3` | one of 1, 3 |"],
  ["secrets", "| `user.password` | secret |"],
  ["variants", "| `exposure.nodePort` with `type: nodePort` | number |  | a whole number from 30000 to 32767 |"],
])("the tables show %s", (_, row) => {
  expect(reference).toContain(row);
});
