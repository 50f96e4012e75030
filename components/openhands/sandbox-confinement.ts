import type { types } from "@pulumi/kubernetes";
import { gainsNoPrivilege, leavesNodeAlone } from "../kubernetes/pod-confinement";

type PolicySpec = types.input.admissionregistration.v1.ValidatingAdmissionPolicySpec;
type MutationSpec = types.input.admissionregistration.v1.MutatingAdmissionPolicySpec;
type Validation = types.input.admissionregistration.v1.Validation;

/** What is let through in the namespace of the sandboxes besides the usual. */
export interface SandboxLicence {
  /** Privileged containers and added capabilities. */
  readonly privileged: boolean;
  /** The node's network, processes and files. */
  readonly hostAccess: boolean;
  /** RuntimeClass that every pod has to have. @default any or none */
  readonly runtimeClass?: string | undefined;
  /** Domain above the hosts of all Ingresses. @default the hosts that the application makes up without one */
  readonly editorDomain?: string | undefined;
}

/** Domain that the application uses when it is told none. */
const DEFAULT_DOMAIN = "localhost";

/** The only annotation that the application gives to its Ingresses: the host, for a controller that makes DNS names. */
const DNS_ANNOTATION = "external-dns.alpha.kubernetes.io/hostname";

/** Only what happens in this namespace, whoever does it. */
function onlyIn(namespace: string) {
  return { matchLabels: { "kubernetes.io/metadata.name": namespace } };
}

/** These operations on one resource. */
function requests(apiGroup: string, resource: string, ...operations: ("CREATE" | "UPDATE")[]) {
  return { apiGroups: [apiGroup], apiVersions: ["*"], resources: [resource], operations };
}

/** What pods, Services and Ingresses in the namespace of the sandboxes have to keep to. */
export function sandboxConfinement(namespace: string, licence: SandboxLicence): PolicySpec {
  return {
    failurePolicy: "Fail",
    matchConstraints: {
      namespaceSelector: onlyIn(namespace),
      resourceRules: [
        requests("", "pods", "CREATE"),
        requests("", "pods/ephemeralcontainers", "UPDATE"),
        requests("", "services", "CREATE", "UPDATE"),
        requests("networking.k8s.io", "ingresses", "CREATE", "UPDATE"),
      ],
    },
    variables: [{ name: "kind", expression: "request.resource.resource" }],
    validations: [...podValidations(licence), ...reachValidations(licence.editorDomain ?? DEFAULT_DOMAIN)],
  };
}

function podValidations({ hostAccess, privileged, runtimeClass }: SandboxLicence): Validation[] {
  const lists = ["containers", "?initContainers.orValue([])", "?ephemeralContainers.orValue([])"];
  const containers = lists.map((list) => `object.spec.${list}`);
  return [
    ...(hostAccess
      ? []
      : [forPods(leavesNodeAlone("object.spec"), "Sandboxes may not use the node's network, processes or files.")]),
    ...(privileged
      ? []
      : [
          forPods(
            gainsNoPrivilege("object.spec", containers),
            "Containers of sandboxes may not be privileged or add capabilities.",
          ),
        ]),
    forPods(
      "!object.spec.?volumes.orValue([]).exists(volume, volume.?projected.?sources.orValue([])" +
        ".exists(source, has(source.serviceAccountToken)))",
      "Sandboxes may not have credentials of the Kubernetes API: set automountServiceAccountToken to false.",
    ),
    ...(runtimeClass === undefined
      ? []
      : [
          forPods(
            `object.spec.?runtimeClassName.orValue('') == '${runtimeClass}'`,
            `Sandboxes have to run with the RuntimeClass ${runtimeClass}.`,
          ),
        ]),
  ];
}

/**
 * Who gets into the application could otherwise take over hosts of other systems, or addresses of the cluster. By an
 * annotation as well: ingress controllers take further hosts and pieces of their configuration from there.
 */
function reachValidations(domain: string): Validation[] {
  const isEditorHost = (text: string) => `${text}.matches('^[a-z0-9-]+[.]${domain.replaceAll(".", "[.]")}$')`;
  return [
    forKind(
      "services",
      "object.spec.?type.orValue('ClusterIP') == 'ClusterIP' && object.spec.?externalIPs.orValue([]).size() == 0",
      "Services of sandboxes are of the type ClusterIP and have no external addresses.",
    ),
    forKind(
      "ingresses",
      "!has(object.spec.defaultBackend) && " +
        `object.spec.?rules.orValue([]).all(rule, ${isEditorHost("rule.?host.orValue('')")})`,
      `Ingresses of sandboxes have hosts below ${domain} only.`,
    ),
    forKind(
      "ingresses",
      // Controllers note things of their own in annotations later.
      "request.operation != 'CREATE' || object.metadata.?annotations.orValue({}).all(key, " +
        `key == '${DNS_ANNOTATION}' && ${isEditorHost("object.metadata.annotations[key]")})`,
      `Ingresses of sandboxes have no annotation but ${DNS_ANNOTATION}, with a host below ${domain}.`,
    ),
  ];
}

function forPods(expression: string, message: string): Validation {
  return forKind("pods", expression, message);
}

/** A condition on objects of one kind; the others pass. */
function forKind(kind: string, expression: string, message: string): Validation {
  return { expression: `variables.kind != '${kind}' || (${expression})`, message, reason: "Forbidden" };
}

/** Gives every new pod in the namespace of the sandboxes a RuntimeClass: the application knows no setting for it. */
export function runtimeClassMutation(namespace: string, runtimeClass: string): MutationSpec {
  return {
    failurePolicy: "Fail",
    reinvocationPolicy: "IfNeeded",
    matchConstraints: {
      namespaceSelector: onlyIn(namespace),
      resourceRules: [requests("", "pods", "CREATE")],
    },
    mutations: [
      {
        patchType: "ApplyConfiguration",
        applyConfiguration: {
          expression: `Object{spec: Object.spec{runtimeClassName: '${runtimeClass}'}}`,
        },
      },
    ],
  };
}
