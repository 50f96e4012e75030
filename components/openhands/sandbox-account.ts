import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Job } from "@pulumi/kubernetes/batch/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { NamespaceBinding, Workload } from "../contracts";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { contentNamed, runOnce } from "../kubernetes/job";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import { restrictedPod } from "../kubernetes/pod";
import { accountRules } from "./access";
import { applicationObjects, sandboxObjects } from "./names";

/** The image has no user but root; any other number will do. */
const USER = 65532;

/** Where Kubernetes mounts the credentials of a pod. */
const ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

const script = readFileSync(join(__dirname, "scripts/withhold_token.py"), "utf8");

export interface SandboxAccountFacts {
  /** Where the Job runs. */
  readonly application: NamespaceBinding;
  /** Whose default account is changed. */
  readonly sandboxes: NamespaceBinding;
  /** Python 3; the script uses the standard library only. */
  readonly image: ResolvedImage;
}

/**
 * Keeps the token of the default service account out of the sandboxes. Kubernetes itself makes that account, so it is no
 * resource of the stack: a Job changes it.
 */
export function withholdToken(
  name: string,
  { application, sandboxes, image }: SandboxAccountFacts,
  fixedName: pulumi.CustomResourceOptions,
): { readonly job: Job; readonly workload: Workload } {
  const objectName = applicationObjects.sandboxAccount;
  const facts = { system: "openhands", software: objectName, instance: objectName };
  const podLabels = selectorLabels(facts);
  const labels = standardLabels({ ...facts, component: "sandbox-account", version: image.version });
  const account = new ServiceAccount(
    `${name}-account`,
    { metadata: { name: objectName, namespace: application.name, labels }, automountServiceAccountToken: false },
    fixedName,
  );
  const inside = { name: sandboxObjects.account, namespace: sandboxes.name, labels };
  const role = new Role(`${name}-role`, { metadata: inside, rules: accountRules }, fixedName);
  const binding = new RoleBinding(
    `${name}-binding`,
    {
      metadata: inside,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: sandboxObjects.account },
      subjects: [{ kind: "ServiceAccount", name: objectName, namespace: application.plainName }],
    },
    { ...fixedName, dependsOn: [account, role] },
  );
  const pod = restrictedPod({
    identity: { uid: USER },
    serviceAccountName: objectName,
    mountToken: true,
    containers: [
      {
        name: "withhold-token",
        image,
        command: ["python", "-B", "-c", script],
        env: [
          { name: "ACCOUNT_DIRECTORY", value: ACCOUNT_DIRECTORY },
          { name: "NAMESPACE", value: sandboxes.plainName },
        ],
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "100m", memory: "96Mi" } },
      },
    ],
  });
  const content = { script, image: image.reference, namespace: sandboxes.plainName };
  const job = new Job(
    `${name}-job`,
    {
      metadata: {
        name: contentNamed(objectName, content),
        namespace: application.name,
        labels: { ...labels, ...podLabels },
        annotations: {
          ...exceptionAnnotations({
            "automount-service-account-token": "It changes the sandboxes' account through the Kubernetes API.",
            "job-ttl-seconds-after-finished": "Once gone by itself, the next `up` would make it and run it again.",
          }),
          // A run that failed for good is made anew by the next `up`.
          "pulumi.com/replaceUnready": "true",
        },
      },
      spec: runOnce({ labels: { ...labels, ...podLabels }, pod }),
    },
    // It needs its rights. Its name says what is in it, so that a new one can stand beside the old one.
    {
      ...(fixedName.parent !== undefined && { parent: fixedName.parent }),
      dependsOn: [binding],
      customTimeouts: { create: "16m", update: "16m" },
    },
  );
  const workload: Workload = { system: "openhands", name: objectName, namespace: application.plainName, podLabels };
  return { job, workload };
}
