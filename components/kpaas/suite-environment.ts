import type * as pulumi from "@pulumi/pulumi";

/**
 * How a value reaches the applications: `shared` through the ConfigMap of the suite, `own` as a variable of one
 * container, `secret` as a variable of one container that names a key of the suite's Secret.
 */
export type SourceKind = "shared" | "own" | "secret";

/** Variables of one application: name → where the value comes from, or the value itself. */
export type VariableTable<Source extends string> = Readonly<Record<string, Source | { readonly constant: string }>>;

/** Values of the sources. Undefined: there is none in this installation. */
export type SourceValues<Source extends string> = Readonly<Record<Source, pulumi.Input<string> | undefined>>;

/** Variables of one application, divided by the way they reach its pod. */
export type DividedEnvironment = Readonly<Record<SourceKind, Readonly<Record<string, pulumi.Input<string>>>>>;

/**
 * Looks up what the variables of an application hold.
 * @param kinds of all sources
 * @throws Error when a value of the table is missing, with the application and the variable
 */
export function divideEnvironment<Source extends string>(
  application: string,
  table: VariableTable<Source>,
  kinds: Readonly<Record<Source, SourceKind>>,
  values: Partial<SourceValues<Source>>,
): DividedEnvironment {
  const divided: Record<SourceKind, Record<string, pulumi.Input<string>>> = { shared: {}, own: {}, secret: {} };
  for (const [name, source] of Object.entries(table)) {
    if (typeof source !== "string") {
      divided.own[name] = source.constant;
      continue;
    }
    const value = values[source];
    if (value === undefined) {
      throw new Error(`${application} needs ${source} for its variable ${name}, and it was not given.`);
    }
    const kind: SourceKind = kinds[source];
    divided[kind][name] = value;
  }
  return divided;
}

/** Key in the suite's Secret: each application has its own, since their logins differ. */
function secretKey(application: string, variable: string): string {
  return `${application}.${variable}`;
}

/** Variable → key in the suite's Secret. */
export function secretKeys(application: string, secret: DividedEnvironment["secret"]): Record<string, string> {
  return Object.fromEntries(Object.keys(secret).map((variable) => [variable, secretKey(application, variable)]));
}

/** Content of the suite's Secret. @param environments by application */
export function secretData(
  environments: Iterable<readonly [application: string, environment: DividedEnvironment]>,
): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    [...environments].flatMap(([application, { secret }]) =>
      Object.entries(secret).map(([variable, value]) => [secretKey(application, variable), value] as const),
    ),
  );
}
