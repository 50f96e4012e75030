import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import { CronJob, Job } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap, Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, Endpoint, NamespaceBinding, NetworkPlace, RegistryEndpoint, Workload } from "../contracts";
import { bootstrapAnnotations, giveUpOn } from "../kubernetes/bootstrap-job";
import { contentHash } from "../kubernetes/checksum";
import { contentNamed, runOnce } from "../kubernetes/job";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import { restrictedPod } from "../kubernetes/pod";
import { desiredState, type ProjectFacts, type RobotFacts, robotSecretKey } from "./desired-state";
import type { HarborApi } from "./harbor-registry";
import { harborPassword } from "./harbor-secrets";
import { dockerConfigJson, robotUsername } from "./registry-login";

const NAME = "harbor-bootstrap";
const SCRIPT_FILE = "registry_bootstrap.py";
const DESIRED_FILE = "desired-state.json";
const FILES_DIRECTORY = "/etc/harbor-bootstrap";
const CREDENTIALS_DIRECTORY = "/run/secrets/harbor-bootstrap";
const ADMINISTRATOR_KEY = "administrator";
/** The image has no user but root; any other number will do. */
const USER = 65532;

/** The script that the jobs run, and the module that it imports. */
export const bootstrapFiles: Readonly<Record<string, string>> = Object.fromEntries(
  [SCRIPT_FILE, "harbor_api.py"].map((file) => [file, readFileSync(join(__dirname, "scripts", file), "utf8")]),
);

export interface RegistryBootstrapArgs<Robot extends string> {
  /** Harbor's own. */
  readonly namespace: NamespaceBinding;
  /** Python 3; the script uses the standard library only. */
  readonly image: ResolvedImage;
  readonly api: HarborApi;
  /** What image references and pull secrets say. */
  readonly registry: {
    readonly scheme: "http" | "https";
    readonly host: string;
    readonly certificateAuthority?: pulumi.Output<string> | undefined;
    /** Pods that connections from inside the cluster end at. */
    readonly front: Endpoint;
  };
  readonly projects: readonly ProjectFacts[];
  /** Robots by the name that {@link RegistryBootstrap.pull} takes. Each belongs to one of the projects. */
  readonly robots: Readonly<Record<Robot, RobotFacts>>;
  /** System settings under the names of Harbor's API; those that are not named are left alone. */
  readonly system?: Readonly<Record<string, string | number | boolean>>;
  /** When everything is looked through again, five cron fields: it renews robots before they expire. */
  readonly schedule: string;
}

/**
 * Projects and robot accounts of a Harbor. The secrets of the robots are made here and given to Harbor, so that pull
 * secrets need nothing that only a running Harbor knows.
 */
export class RegistryBootstrap<Robot extends string> extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];

  private readonly logins: ReadonlyMap<Robot, RegistryEndpoint & { readonly actions: RobotFacts["actions"] }>;

  constructor(name: string, args: RegistryBootstrapArgs<Robot>, opts?: pulumi.ComponentResourceOptions) {
    super("platform:registry:RegistryBootstrap", name, {}, opts);
    const child = { parent: this };
    const fixedName = { ...child, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const facts = { system: "harbor", software: NAME, instance: NAME };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, component: "bootstrap" });
    const metadata = { name: NAME, namespace: args.namespace.name, labels };
    const robots = (Object.entries(args.robots) as [Robot, RobotFacts][]).map(([key, robot]) => ({
      key,
      robot,
      secret: new RandomPassword(
        `${name}-${robot.project}-${robot.name}-secret`,
        { ...harborPassword, keepers: { rotation: String(robot.rotation) } },
        child,
      ).result,
    }));

    const desired = desiredState(
      args.projects,
      robots.map(({ robot }) => robot),
      args.system,
    );
    const configMap = new ConfigMap(
      `${name}-files`,
      { metadata, data: { ...bootstrapFiles, [DESIRED_FILE]: desired } },
      fixedName,
    );
    const robotSecrets = Object.fromEntries<pulumi.Output<string>>(
      robots.map(({ robot, secret }) => [robotSecretKey(robot.project, robot.name), secret] as const),
    );
    const stringData = { [ADMINISTRATOR_KEY]: args.api.password, ...robotSecrets };
    const secret = new Secret(`${name}-secrets`, { metadata, stringData }, fixedName);
    const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, fixedName);
    const pod = bootstrapPod(args);
    // The robots' secrets are 32 random characters each, so that nothing can be learnt from their hash.
    const secretsVersion = pulumi.unsecret(
      pulumi.output({ robotSecrets, administrator: args.api.passwordVersion }).apply(contentHash),
    );
    const { reference: image } = args.image;
    const job = new Job(
      `${name}-job`,
      {
        metadata: {
          ...metadata,
          name: secretsVersion.apply((version) => contentNamed(NAME, { bootstrapFiles, desired, image, version })),
          annotations: { ...bootstrapAnnotations },
        },
        spec: { ...runOnce({ labels, pod, deadlineSeconds: 1800 }), podFailurePolicy: giveUpOnWrongInput },
      },
      {
        ...child,
        dependsOn: [configMap, secret, account, ...args.api.ready],
        customTimeouts: { create: "35m", update: "35m" },
      },
    );
    new CronJob(
      `${name}-schedule`,
      {
        metadata,
        spec: {
          schedule: args.schedule,
          concurrencyPolicy: "Forbid",
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          startingDeadlineSeconds: 3600,
          jobTemplate: {
            metadata: { labels },
            spec: { ...runOnce({ labels, pod, deadlineSeconds: 1800 }), podFailurePolicy: giveUpOnWrongInput },
          },
        },
      },
      { ...fixedName, dependsOn: [job] },
    );

    const workload: Workload = { system: "harbor", name: NAME, namespace: args.namespace.plainName, podLabels };
    this.workloads = [workload];
    this.connections = [{ from: workload, to: args.api, ports: args.api.ports }];
    this.logins = new Map(
      robots.map(({ key, robot, secret: password }) => [
        key,
        { ...robotEndpoint(args.registry, robot, password, [job]), actions: robot.actions },
      ]),
    );
    this.registerOutputs({});
  }

  /** The login of a robot that may pull. */
  pull(robot: Robot): RegistryEndpoint {
    return this.login(robot, "pull");
  }

  /** The login of a robot that may push. */
  push(robot: Robot): RegistryEndpoint {
    return this.login(robot, "push");
  }

  private login(robot: Robot, action: "pull" | "push"): RegistryEndpoint {
    const login = this.logins.get(robot);
    if (login === undefined || !login.actions.includes(action)) {
      const able = [...this.logins].filter(([, { actions }]) => actions.includes(action)).map(([name]) => name);
      throw new pulumi.ResourceError(
        `No robot "${robot}" may ${action}; these may: ${able.join(", ") || "none"}.`,
        this,
      );
    }
    const { actions: _, ...endpoint } = login;
    return endpoint;
  }
}

/** With wrong input or a wrong password another try would fail the same way: exit codes 2 and 3 of the script. */
const giveUpOnWrongInput = giveUpOn("bootstrap", [2, 3]);

function robotEndpoint(
  registry: RegistryBootstrapArgs<string>["registry"],
  { project, name }: RobotFacts,
  password: pulumi.Output<string>,
  ready: readonly pulumi.Resource[],
): RegistryEndpoint {
  const { scheme, host, front, certificateAuthority } = registry;
  const username = robotUsername(project, name);
  return {
    ...front,
    scheme,
    host,
    project,
    username,
    password: pulumi.secret(password),
    dockerConfigJson: pulumi.secret(password.apply((each) => dockerConfigJson(host, username, each))),
    ...(certificateAuthority !== undefined && { certificateAuthority }),
    ready,
  };
}

function bootstrapPod({
  image,
  api,
}: Pick<RegistryBootstrapArgs<string>, "image" | "api">): types.input.core.v1.PodSpec {
  return restrictedPod({
    identity: { uid: USER },
    serviceAccountName: NAME,
    containers: [
      {
        name: "bootstrap",
        image,
        command: ["python3", "-B", `${FILES_DIRECTORY}/${SCRIPT_FILE}`],
        env: [
          { name: "DESIRED_STATE", value: `${FILES_DIRECTORY}/${DESIRED_FILE}` },
          { name: "HARBOR_URL", value: api.url },
          { name: "HARBOR_USERNAME", value: api.username },
          { name: "CREDENTIALS_DIRECTORY", value: CREDENTIALS_DIRECTORY },
        ],
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
        volumeMounts: [
          { name: "files", mountPath: FILES_DIRECTORY, readOnly: true },
          { name: "secrets", mountPath: CREDENTIALS_DIRECTORY, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: "files", configMap: { name: NAME } },
      { name: "secrets", secret: { secretName: NAME, defaultMode: 0o440 } },
    ],
  });
}
