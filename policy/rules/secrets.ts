import { fieldsOf, inSameNamespace, isKind, REDACTED, textOf } from "../manifest";
import {
  allContainers,
  containerName,
  type KeyReference,
  type PodTemplate,
  perContainer,
  type Reference,
} from "../pod";
import { forPods, type Rule } from "../rule";
import { isSecretName, secretIn } from "../secret-patterns";

const URL = "https://kubernetes.io/docs/concepts/security/secrets-good-practices/";
const USE_SECRET = "put it into a Secret and refer to that";

/** Where secrets may be and where not. */
export const secretRules: readonly Rule[] = [
  {
    name: "env-var-secret",
    severity: "critical",
    scope: "object",
    url: URL,
    description: "No environment variable whose name announces a secret has a literal value.",
    remediation: `${USE_SECRET} by \`secretKeyRef\` or a mounted file`,
    check: forPods(
      perContainer(({ env = [] }) => {
        const bad = env.filter(
          ({ name = "", value = "" }) => value !== "" && (/secret/i.test(name) || isSecretName(name)),
        );
        return bad.length > 0 && `sets ${bad.map(({ name }) => name).join(", ")} to a literal`;
      }),
    ),
  },
  {
    name: "sensitive-container-env-var",
    severity: "critical",
    scope: "object",
    url: URL,
    description: "No literal value of an environment variable looks like a secret.",
    remediation: USE_SECRET,
    check: forPods((pod) =>
      allContainers(pod).flatMap((container) =>
        reported(
          Object.fromEntries((container.env ?? []).map(({ name = "", value = "" }) => [name, value])),
          `${containerName(container)}, variable`,
        ),
      ),
    ),
  },
  {
    name: "sensitive-container-args",
    severity: "critical",
    scope: "object",
    url: URL,
    description: "No command line holds a secret: everybody on the node and everybody who reads the pod sees it.",
    remediation: `${USE_SECRET} by an environment variable or a mounted file`,
    check: forPods(
      perContainer(({ command = [], args = [] }) => {
        const found = secretIn([...command, ...args].join(" "));
        return found !== undefined && `has ${found} on its command line`;
      }),
    ),
  },
  {
    name: "sensitive-configmap-content",
    severity: "critical",
    scope: "object",
    url: URL,
    description: "No ConfigMap holds a secret.",
    remediation: "move the key into a Secret",
    check: (manifest) => {
      if (!isKind(manifest, "ConfigMap")) return [];
      const data = fieldsOf(manifest["data"]);
      return [
        ...(manifest["data"] === REDACTED ? ["all of its data is a secret of the stack"] : []),
        ...reported(data, "key"),
        ...Object.entries(data)
          .filter(([key, value]) => isSecretName(key) && /^\S+$/.test(textOf(value) ?? ""))
          .map(([key]) => `key "${key}" announces a secret`),
      ];
    },
  },
  {
    name: "sensitive-annotation",
    severity: "critical",
    scope: "object",
    url: URL,
    description: "No annotation or label holds a secret.",
    remediation: USE_SECRET,
    check: (manifest) => [
      ...reported(fieldsOf(manifest.metadata.annotations), "annotation"),
      ...reported(fieldsOf(manifest.metadata.labels), "label"),
    ],
  },
  {
    name: "secret-type",
    severity: "low",
    scope: "object",
    url: "https://kubernetes.io/docs/concepts/configuration/secret/#secret-types",
    description: "A Secret has the type that fits its keys, so that the API server checks them.",
    remediation: "set `type`; a Secret of another type must be replaced",
    check: (manifest) => {
      if (!isKind(manifest, "Secret") || (textOf(manifest["type"]) ?? "Opaque") !== "Opaque") return [];
      const keys = [...Object.keys(fieldsOf(manifest["data"])), ...Object.keys(fieldsOf(manifest["stringData"]))];
      const type = fittingType(keys);
      return type === undefined ? [] : [`is Opaque, but its keys are those of the type ${type}`];
    },
  },
  {
    name: "env-value-from",
    severity: "high",
    scope: "stack",
    description: "Environment variables refer to ConfigMaps, Secrets and keys that exist.",
    remediation: "correct the name or the key, or say who makes the object",
    check: forPods((pod, manifest, all) => {
      const candidates = inSameNamespace(manifest, all, "ConfigMap", "Secret");
      return environmentReferences(pod).flatMap(({ container, kind, reference: { name, key, optional } }) => {
        if (optional === true) return [];
        const target = candidates.find((each) => each.kind === kind && each.metadata.name === name);
        if (target === undefined) return [`${container} refers to the ${kind} "${name}", which is not in the stack`];
        const keys = [target["data"], target["stringData"], target["binaryData"]];
        return key === undefined || keys.includes(REDACTED) || keys.some((each) => key in fieldsOf(each))
          ? []
          : [`${container} refers to the key "${key}", which the ${kind} "${name}" does not have`];
      });
    }),
  },
];

function reported(entries: Readonly<Record<string, unknown>>, what: string): string[] {
  return Object.entries(entries).flatMap(([name, value]) => {
    const found = secretIn(textOf(value) ?? "");
    return found === undefined ? [] : [`${what} "${name}" holds ${found}`];
  });
}

function fittingType(keys: readonly string[]): string | undefined {
  const only = (...allowed: string[]) => keys.length > 0 && keys.every((key) => allowed.includes(key));
  if (keys.includes("tls.crt") && keys.includes("tls.key") && only("tls.crt", "tls.key", "ca.crt"))
    return "kubernetes.io/tls";
  if (only(".dockerconfigjson")) return "kubernetes.io/dockerconfigjson";
  if (only("ssh-privatekey")) return "kubernetes.io/ssh-auth";
  return undefined;
}

/** Everything the environment of the pod's containers is taken from; without a key, all keys are meant. */
function environmentReferences(pod: PodTemplate) {
  return allContainers(pod).flatMap((each) => {
    const container = containerName(each);
    const found = (kind: "ConfigMap" | "Secret", reference: (Reference & KeyReference) | undefined) =>
      reference === undefined ? [] : [{ container, kind, reference }];
    return [
      ...(each.env ?? []).flatMap(({ valueFrom }) => [
        ...found("ConfigMap", valueFrom?.configMapKeyRef),
        ...found("Secret", valueFrom?.secretKeyRef),
      ]),
      ...(each.envFrom ?? []).flatMap((source) => [
        ...found("ConfigMap", source.configMapRef),
        ...found("Secret", source.secretRef),
      ]),
    ];
  });
}
