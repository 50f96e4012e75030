import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { recordStack } from "../../stacks/render";
import { stackNames } from "../../stacks/render/stack-file";

/**
 * The identities that the engine knows stateful resources by: token and logical name. A change here means that the
 * engine deletes the old resource and makes a new one, with a new password or an empty volume, unless the program
 * gives it an alias. `npm run golden` writes them anew; do that only together with the alias.
 */
const ROOT = resolve(__dirname, "../..");
const STATEFUL = [
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:core/v1:Namespace",
  "kubernetes:core/v1:PersistentVolume",
  "kubernetes:core/v1:PersistentVolumeClaim",
  "random:",
  "tls:",
];

test.each(stackNames(ROOT))("the stateful resources of stack %s keep their identities", async (stack) => {
  const file = join(__dirname, `identities-${stack}.txt`);
  const registrations = await recordStack(stack);
  const identities = registrations
    .filter(({ type }) => STATEFUL.some((each) => type.startsWith(each)))
    .map(({ urn }) => urn.split("::").slice(2).join(" "))
    .sort()
    .join("\n");
  if (process.env["UPDATE_GOLDEN"] === "true") {
    writeFileSync(file, `${identities}\n`);
  }
  expect(`${identities}\n`).toEqual(existsSync(file) ? readFileSync(file, "utf8") : "");
});
