import { fieldsOf, groupOf, isKind, isNamespaced, specOf } from "../manifest";
import type { Rule } from "../rule";

const RECOMMENDED_LABELS = ["name", "instance", "component", "part-of", "managed-by"].map(
  (label) => `app.kubernetes.io/${label}`,
);

/** API versions that Kubernetes 1.34 no longer serves, by group. */
const REMOVED_VERSIONS: Readonly<Record<string, RegExp>> = {
  "admissionregistration.k8s.io": /^v1beta1$/,
  "apiextensions.k8s.io": /^v1beta1$/,
  "apiregistration.k8s.io": /^v1beta1$/,
  apps: /^v1beta[12]$/,
  autoscaling: /^v2beta[12]$/,
  batch: /^(v1beta1|v2alpha1)$/,
  "certificates.k8s.io": /^v1beta1$/,
  "coordination.k8s.io": /^v1beta1$/,
  "discovery.k8s.io": /^v1beta1$/,
  "events.k8s.io": /^v1beta1$/,
  extensions: /^v1beta1$/,
  "flowcontrol.apiserver.k8s.io": /^v1(alpha1|beta[123])$/,
  "networking.k8s.io": /^v1beta1$/,
  "node.k8s.io": /^v1(alpha|beta)1$/,
  policy: /^v1beta1$/,
  "rbac.authorization.k8s.io": /^v1(alpha|beta)1$/,
  "scheduling.k8s.io": /^v1(alpha|beta)1$/,
};

/** How objects are named, labelled and typed. */
export const metadataRules: readonly Rule[] = [
  {
    name: "use-namespace",
    severity: "medium",
    scope: "object",
    description: "Nothing lives in the default namespace.",
    remediation: "set `metadata.namespace` to a namespace of the stack",
    check: (manifest) => {
      const { namespace = "" } = manifest.metadata;
      return isNamespaced(manifest) && ["", "default"].includes(namespace) ? ["is in the default namespace"] : [];
    },
  },
  {
    name: "recommended-labels",
    severity: "low",
    scope: "object",
    url: "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
    description: "Every object carries the recommended labels, so that it can be found by what it belongs to.",
    remediation: "take the labels from the label builder",
    check: (manifest) => {
      const missing = RECOMMENDED_LABELS.filter((label) => (fieldsOf(manifest.metadata.labels)[label] ?? "") === "");
      return missing.length === 0 ? [] : [`has no label ${missing.join(", ")}`];
    },
  },
  {
    name: "no-extensions-v1beta",
    severity: "high",
    scope: "object",
    url: "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
    description: "Nothing uses the API group `extensions`, which is gone.",
    remediation: "use `apps/v1`, `networking.k8s.io/v1` or `policy/v1`",
    check: (manifest) =>
      /^extensions\/v1beta/.test(manifest.apiVersion) ? [`is of the version ${manifest.apiVersion}`] : [],
  },
  {
    name: "deprecated-api",
    severity: "high",
    scope: "object",
    url: "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
    description: "Every object is of an API version that the cluster serves and will serve.",
    remediation: "move to the stable version of the kind",
    check: (manifest) => {
      const version = manifest.apiVersion.slice(manifest.apiVersion.indexOf("/") + 1);
      if (REMOVED_VERSIONS[groupOf(manifest)]?.test(version) === true)
        return [`the version ${manifest.apiVersion} is no longer served`];
      if (isKind(manifest, "Endpoints")) return ["Endpoints are deprecated in favour of EndpointSlices"];
      return isKind(manifest, "PersistentVolume") && specOf(manifest)["persistentVolumeReclaimPolicy"] === "Recycle"
        ? ["the reclaim policy Recycle is deprecated"]
        : [];
    },
  },
];
