import * as pulumi from "@pulumi/pulumi";
import type { KpaasApplicationArgs } from "./kpaas-application";
import { type DividedEnvironment, secretKeys } from "./suite-environment";
import type { SuiteContents } from "./suite-objects";

type Given = "suite" | "application" | "image" | "containerImage" | "port" | "resources" | "exposure" | "after";

/** What a program of a suite has of its own. */
export interface SuiteProgramFacts extends Pick<KpaasApplicationArgs, Given> {
  readonly environment: DividedEnvironment;
  /** Variables of the whole suite: the program starts again when one changes. */
  readonly shared: SuiteContents["shared"];
  /** Authorities that the program has to trust, and the ConfigMap that holds them. @default public ones only */
  readonly trust: { readonly authorities: SuiteContents["authorities"]; readonly name: string } | undefined;
}

/** A Java program of the Pipeline or the Source Control suite. */
export function suiteProgram({ environment, shared, trust, ...given }: SuiteProgramFacts): KpaasApplicationArgs {
  const { own, secret } = environment;
  return {
    ...given,
    runtime: "java",
    // Sessions of the website are in memory, and nothing tells how the others share their work.
    replicas: 1,
    recreate: false,
    own,
    secrets: secretKeys(given.application, secret),
    ...(trust !== undefined && { authoritiesName: trust.name }),
    configuration: pulumi.jsonStringify({ shared, own, secret, ...(trust && { authorities: trust.authorities }) }),
  };
}
