import type { Registration } from "../../stacks/render/recording-monitor";

/** An object that another one names, so that it has to be there first. */
export interface ObjectReference {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields whose value is the name of an object of this kind in the same namespace, wherever they stand in a manifest. */
const nameFields: Readonly<Record<string, string>> = {
  claimName: "PersistentVolumeClaim",
  secretName: "Secret",
  serviceAccountName: "ServiceAccount",
};

/** Fields whose value is an object with the `name` of an object of this kind in the same namespace. */
const objectFields: Readonly<Record<string, string>> = {
  configMap: "ConfigMap",
  configMapKeyRef: "ConfigMap",
  configMapRef: "ConfigMap",
  secretKeyRef: "Secret",
  secretRef: "Secret",
  service: "Service",
};

/** Everything in the platform's own objects that an object names. */
export function referencesOf({ type, inputs }: Registration): ObjectReference[] {
  if (!type.startsWith("kubernetes:")) {
    return [];
  }
  const { namespace } = (inputs["metadata"] ?? {}) as { namespace?: string };
  const found: ObjectReference[] = [];
  visit(inputs, (field, value) => {
    const add = (kind: string, name: unknown, where = namespace) => {
      if (typeof name === "string") {
        found.push({ kind, namespace: where, name });
      }
    };
    add(nameFields[field] ?? "", field in nameFields ? value : undefined);
    add(objectFields[field] ?? "", field in objectFields ? (value as Fields)["name"] : undefined);
    if (field === "roleRef") {
      const { kind, name } = value as { kind: string; name: string };
      add(kind, name, kind === "ClusterRole" ? undefined : namespace);
    }
    if (field === "subjects") {
      for (const subject of value as { kind: string; name: string; namespace?: string }[]) {
        add(subject.kind, subject.name, subject.namespace ?? namespace);
      }
    }
    if (field === "imagePullSecrets") {
      for (const { name } of value as { name: string }[]) {
        add("Secret", name);
      }
    }
    if (field === "serviceName" && inputs["kind"] === "StatefulSet") {
      add("Service", value);
    }
    if (field === "policyName") {
      add(String(inputs["kind"]).replace(/Binding$/, ""), value, undefined);
    }
    if (field === "scaleTargetRef") {
      add("Deployment", (value as Fields)["name"]);
    }
  });
  return found;
}

function visit(value: unknown, use: (field: string, value: unknown) => void): void {
  if (Array.isArray(value)) {
    for (const each of value) {
      visit(each, use);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [field, each] of Object.entries(value)) {
      use(field, each);
      visit(each, use);
    }
  }
}
