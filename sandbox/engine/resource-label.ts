/** The parts of a resource's state that name it. Inputs may be missing while an operation is only planned. */
export interface NamedState {
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/**
 * How a resource is called in messages and tables: a Kubernetes object by kind and name as `kubectl` shows them
 * ("Deployment openchecker/main"), everything else by its type and its name in the program ("RandomPassword admin").
 */
export function resourceLabel(urn: string, state: NamedState | undefined): string {
  const { type, name } = parseUrn(urn);
  const kind = type.split(":").at(-1) ?? type;
  if (!type.startsWith("kubernetes:")) return `${kind} ${name}`;
  const metadata = state?.inputs?.["metadata"];
  const namespace = textField(metadata, "namespace");
  const objectName = textField(metadata, "name");
  if (objectName !== undefined) return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${objectName}`;
  return `${kind} ${state?.id !== undefined && state.id !== "" ? state.id : name}`;
}

/** Type token and logical name of a URN such as `urn:pulumi:dev::platform::a$kubernetes:core/v1:Secret::name`. */
export function parseUrn(urn: string): { readonly type: string; readonly name: string } {
  const [, , qualifiedType = "", ...name] = urn.split("::");
  return { type: qualifiedType.split("$").at(-1) ?? qualifiedType, name: name.join("::") };
}

function textField(object: unknown, key: string): string | undefined {
  if (typeof object !== "object" || object === null) return undefined;
  const value: unknown = Reflect.get(object, key);
  return typeof value === "string" && value !== "" ? value : undefined;
}
