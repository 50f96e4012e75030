import { checkManifests } from "../../policy/check";
import { formatFinding } from "../../policy/rule";
import { renderStack } from "../../stacks/render";

test.each(["dev", "prod"])("every object of the stack %s keeps to every rule or says why not", async (stack) => {
  const manifests = await renderStack(stack);
  expect(manifests.length).toBeGreaterThan(0);
  expect(checkManifests(manifests).map(formatFinding)).toEqual([]);
});
