import { mapsAt, type PropertyMap, stringAt } from "../../protocol/property-values";
import { kindOf, nameOf, namespaceOf } from "../kinds";
import type { ObjectStore } from "../object-store";
import { explain } from "./readiness";

const events = { group: "", version: "v1", kind: "Event" };

/** What controllers have reported as going wrong with an object, newest first, each text once. */
export async function warningEvents(store: ObjectStore, object: PropertyMap): Promise<string[]> {
  const uid = stringAt(object, "metadata", "uid") ?? "";
  const selector = `involvedObject.uid=${uid},type=Warning`;
  const list = await store.list(events, namespaceOf(object) || "default", selector);
  const texts = mapsAt(list, "items").map((event) => `${kindOf(object).kind} ${nameOf(object)}: ${explain(event)}`);
  return [...new Set(texts.reverse())];
}
