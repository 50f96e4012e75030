import { clusterUp } from "../../sandbox/cluster";
import { silentProgress } from "../../sandbox/progress";
import { type FieldSchema, inside, schemaOf } from "../../sandbox/providers/kubernetes/object-schema";
import { apiOf, temporarySandbox } from "./cluster-support";

/** What the API server publishes about a type. */
interface Definition {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly items?: Definition;
  readonly additionalProperties?: Definition;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-group-version-kind"?: readonly { group: string; version: string; kind: string }[];
}

const sandbox = temporarySandbox();
let definitions: Readonly<Record<string, Definition>>;

beforeAll(async () => {
  const cluster = await clusterUp(silentProgress, { directory: sandbox.directory });
  const { body } = await apiOf(cluster, sandbox.directory).request("GET", "/openapi/v2");
  definitions = (JSON.parse(body) as { definitions: Record<string, Definition> }).definitions;
});
afterAll(() => sandbox.remove());

/** Kinds that nobody applies: answers of the server, types of its own bookkeeping, and definitions, which are recursive. */
const PASSED_OVER =
  /^(resource\.k8s\.io|apiextensions\.k8s\.io|internal\.apiserver\.k8s\.io|storagemigration\.k8s\.io)\/|List$|^\/(Node|Binding|Event)$|storage\.k8s\.io\/(CSINode|VolumeAttachment)|^\/ComponentStatus$/;

function known({ keys, isSet, isQuantity }: FieldSchema): string {
  if (keys) return `keyed by ${[...keys].sort().join("+")}`;
  return isSet ? "set" : isQuantity ? "quantity" : "";
}

/** Fields of a type of which the server says more than the provider knows, or something else. */
function gaps(type: Definition, schema: FieldSchema, path: string, within: readonly string[]): string[] {
  const reference = type.$ref?.replace("#/definitions/", "");
  if (reference !== undefined) {
    if (reference.endsWith("resource.Quantity")) return known(schema) === "quantity" ? [] : [`${path}: quantity`];
    if (within.includes(reference)) return [];
    return gaps(definitions[reference] ?? {}, schema, path, [...within, reference]);
  }
  const kind = type["x-kubernetes-list-type"];
  const keys = [...(type["x-kubernetes-list-map-keys"] ?? [])].sort().join("+");
  const said = kind === "set" ? "set" : kind === "map" ? `keyed by ${keys}` : "";
  return [
    ...(known(schema) === said ? [] : [`${path}: the server says "${said}", the provider "${known(schema)}"`]),
    ...(type.items ? gaps(type.items, inside(schema, 0), `${path}[*]`, within) : []),
    ...(type.additionalProperties ? gaps(type.additionalProperties, inside(schema, "any"), `${path}.*`, within) : []),
    ...Object.entries(type.properties ?? {})
      .filter(([name]) => name !== "status" && name !== "managedFields")
      .flatMap(([name, property]) => gaps(property, inside(schema, name), `${path}.${name}`, within)),
  ];
}

test("the provider knows of every shared list and every amount that the server's schema has", () => {
  const found = Object.values(definitions).flatMap((definition) => {
    const [gvk, ...others] = definition["x-kubernetes-group-version-kind"] ?? [];
    if (gvk === undefined || others.length > 0 || PASSED_OVER.test(`${gvk.group}/${gvk.kind}`)) return [];
    if (definition.properties?.["metadata"] === undefined) return [];
    const apiVersion = gvk.group === "" ? gvk.version : `${gvk.group}/${gvk.version}`;
    return gaps(definition, schemaOf({ apiVersion, kind: gvk.kind }), `${apiVersion} ${gvk.kind}`, []);
  });
  expect(found).toEqual([]);
});
