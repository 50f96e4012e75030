import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import { exceptionAnnotations } from "./exceptions";
import { restrictedPod } from "./pod";

/** The image of Python has no user but root; any other number will do. */
const USER = 65532;

/** Annotations of a Job that brings a server to the desired state. */
export const bootstrapAnnotations: Readonly<Record<string, string>> = {
  ...exceptionAnnotations({
    "job-ttl-seconds-after-finished": "A Job that removed itself would be made and run again by the next `up`.",
  }),
  // A run that failed for good is made anew by the next `up`.
  "pulumi.com/replaceUnready": "true",
};

/**
 * Fails the Job at once where another try would fail the same way.
 * @param exitCodes by which the script says so
 */
export function giveUpOn(containerName: string, exitCodes: readonly number[]): types.input.batch.v1.PodFailurePolicy {
  return { rules: [{ action: "FailJob", onExitCodes: { containerName, operator: "In", values: [...exitCodes] } }] };
}

/** A pod that runs one Python script, which needs the standard library only. */
export interface BootstrapPodFacts {
  /** Of the container. */
  readonly name: string;
  /** Python 3. */
  readonly image: ResolvedImage;
  readonly serviceAccountName: pulumi.Input<string>;
  /** The script calls the Kubernetes API with the rights of its account. @default false */
  readonly mountToken?: boolean;
  /** File name of the script. */
  readonly script: string;
  /** ConfigMap with the script and what it reads, and where it is mounted. */
  readonly files: { readonly configMapName: pulumi.Input<string>; readonly directory: string };
  /** Secret with the passwords, one a key, and where it is mounted. */
  readonly credentials: { readonly secretName: pulumi.Input<string>; readonly directory: string };
  /** The container's variables, none of them secret. */
  readonly variables: Readonly<Record<string, pulumi.Input<string>>>;
}

/** The pod of a Job that brings a server to the desired state by its API. */
export function bootstrapPod(facts: BootstrapPodFacts): types.input.core.v1.PodSpec {
  const { image, files, credentials } = facts;
  return restrictedPod({
    identity: { uid: USER },
    serviceAccountName: facts.serviceAccountName,
    ...(facts.mountToken === true && { mountToken: true }),
    containers: [
      {
        name: facts.name,
        image,
        command: ["python3", "-B", `${files.directory}/${facts.script}`],
        env: Object.entries(facts.variables).map(([name, value]) => ({ name, value })),
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
        volumeMounts: [
          { name: "files", mountPath: files.directory, readOnly: true },
          { name: "credentials", mountPath: credentials.directory, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: "files", configMap: { name: files.configMapName } },
      { name: "credentials", secret: { secretName: credentials.secretName, defaultMode: 0o440 } },
    ],
  });
}
