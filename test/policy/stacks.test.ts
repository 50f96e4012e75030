import { join } from "node:path";
import { checkManifests } from "../../policy/check";
import { formatFinding } from "../../policy/rule";
import { renderStack } from "../../stacks/render";
import { stackNames } from "../../stacks/render/stack-file";

const STACKS = stackNames(join(__dirname, "..", ".."));

test.each(STACKS)("every object of the stack %s keeps to every rule or says why not", async (stack) => {
  const manifests = await renderStack(stack);
  expect(manifests.length).toBeGreaterThan(0);
  expect(checkManifests(manifests).map(formatFinding)).toEqual([]);
});

test("so does every object of the optional parts", async () => {
  const manifests = await renderStack("everything", join(__dirname, "everything"));
  const optional = ["EndpointSlice", "HorizontalPodAutoscaler", "PrometheusRule", "ScaledObject", "StorageClass"];
  expect(manifests.map(({ kind }) => kind)).toEqual(expect.arrayContaining(optional));
  expect(checkManifests(manifests).map(formatFinding)).toEqual([]);
});
