import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../sandbox/user-error";
import { type Manifest, renderStack } from "../stacks/render";
import { manifestFiles, manifestsYaml } from "../stacks/render/yaml";
import { parseArguments } from "./shared/command-arguments";

const HELP = `npm run render -- --stack STACK [--out DIRECTORY]

Prints every Kubernetes object of a stack as YAML, each after the objects that it needs. No cluster and no engine is
asked, so nothing is changed. Secrets are shown as [secret]; an object that the provider would name carries its logical
name, to which the provider adds a suffix.

  --stack STACK     dev, prod, … : the stacks that have a file Pulumi.STACK.yaml
  --out DIRECTORY   write one file per object instead: DIRECTORY/<namespace>/<kind>-<name>.yaml
`;

/** `npm run render`. Returns the exit code. */
export async function render(args: string[]): Promise<number> {
  const { values } = parseArguments(
    {
      args,
      options: { stack: { type: "string" }, out: { type: "string" }, help: { type: "boolean", short: "h" } },
    },
    HELP,
  );
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.stack === undefined) {
    throw new UserError(`--stack is missing: which stack is to be rendered?\n\n${HELP}`);
  }
  const manifests = await renderStack(values.stack);
  if (values.out === undefined) {
    process.stdout.write(manifestsYaml(manifests));
  } else {
    writeManifests(resolve(values.out), manifests);
    process.stderr.write(`${manifests.length} objects of the stack ${values.stack} written to ${values.out}.\n`);
  }
  return 0;
}

/** Writes one file per object below a directory, which may already hold others. */
export function writeManifests(directory: string, manifests: readonly Manifest[]): void {
  for (const [file, text] of Object.entries(manifestFiles(manifests))) {
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
