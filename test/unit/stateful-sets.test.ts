import { profileNames } from "../../components/kpaas/profiles";
import { renderWholePlatform } from "../support/whole-platform";

test.each(profileNames)("no StatefulSet keeps a broken pod from being repaired, with K-PaaS %s", async (profile) => {
  const manifests = await renderWholePlatform(profile);
  const sets = manifests.filter(({ kind }) => kind === "StatefulSet");
  expect(sets.length).toBeGreaterThan(6);
  const inOrder = sets.filter(({ spec }) => (spec as Record<string, unknown>)["podManagementPolicy"] !== "Parallel");
  expect(inOrder.map(({ metadata }) => metadata.name)).toEqual([]);
});
