import { clusterUp } from "../../sandbox/cluster";
import { silentProgress } from "../../sandbox/progress";
import type { PropertyMap, PropertyValue } from "../../sandbox/providers/protocol/property-values";
import { generatedObjects } from "../support/generated-objects";
import { KubernetesObjects, type StoredObject } from "../support/kubernetes-objects";
import { temporarySandbox } from "./cluster-support";

const sandbox = temporarySandbox();
let objects: KubernetesObjects;
const namespace = "generated";

beforeAll(async () => {
  const { kubeconfig } = await clusterUp(silentProgress, { directory: sandbox.directory });
  objects = await KubernetesObjects.connect(kubeconfig, {
    kubeClientSettings: JSON.stringify({ qps: 1000, burst: 1000 }),
  });
  await objects.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});

afterAll(async () => {
  objects.close();
  await sandbox.remove();
});

/** Nothing here is about waiting. */
function unawaited(object: PropertyMap, revision: string): PropertyMap {
  const metadata = object["metadata"] as PropertyMap;
  const annotations = {
    ...(metadata["annotations"] as PropertyMap | undefined),
    "pulumi.com/skipAwait": "true",
    revision,
  };
  return { ...object, metadata: { ...metadata, annotations } };
}

/** What a refresh by the official provider leaves of the state: of the inputs only what the live object has. */
function officiallyRefreshed(stored: StoredObject): StoredObject {
  const { __inputs, ...live } = stored.outputs;
  const pruned = prune(live, __inputs as PropertyMap) as PropertyMap;
  return { ...stored, inputs: pruned, outputs: { ...stored.outputs, __inputs: pruned } };
}

function prune(live: PropertyValue, inputs: PropertyValue): PropertyValue {
  if (Array.isArray(live) && Array.isArray(inputs)) {
    return live.slice(0, inputs.length).map((each, index) => prune(each, inputs[index] ?? null));
  }
  const areMaps = [live, inputs].every((each) => typeof each === "object" && each !== null && !Array.isArray(each));
  if (!areMaps) return live;
  const shape = inputs as PropertyMap;
  return Object.fromEntries(
    Object.entries(live as PropertyMap).flatMap(([key, value]) =>
      key in shape ? [[key, prune(value, shape[key] ?? null)]] : [],
    ),
  );
}

test.each(
  generatedObjects(namespace, 5).map(
    (object) => [`${object["kind"]} ${(object["metadata"] as PropertyMap)["name"]}`, object] as const,
  ),
)("%s is what the program says as long as the program says the same", async (_, object) => {
  const first = unawaited(object, "1");
  const made = await objects.create(first);
  const found: Record<string, string[]> = { made: await objects.differences(made, first) };
  const refreshed = await objects.refresh(made);
  found["refreshed"] = await objects.differences(refreshed, first);
  found["refreshed officially"] = await objects.differences(officiallyRefreshed(refreshed), first);
  const second = unawaited(object, "2");
  found["edited"] = await objects.differences(refreshed, second);
  const updated = await objects.update(refreshed, second);
  found["updated"] = await objects.differences(updated, second);
  found["refreshed again"] = await objects.differences(await objects.refresh(updated), second);
  const imported = await objects.import(second, made.id);
  found["imported"] = await objects.differences(imported, second);
  expect({ object, found }).toEqual({
    object,
    found: {
      ...Object.fromEntries(Object.keys(found).map((key) => [key, []])),
      edited: ["update metadata.annotations.revision"],
    },
  });
});
