import * as pulumi from "@pulumi/pulumi";
import type { Connection, NetworkPlace, Workload } from "../contracts";
import type { Exposure } from "../exposure/exposure";
import { standardLabels } from "../kubernetes/labels";
import { containerImage, imageReference } from "../registry/pushed-image";
import { applicationSuite, KpaasApplication } from "./kpaas-application";
import { ScmManager } from "./scm-manager";
import {
  SOURCE_CONTROL_SYSTEM,
  type SourceControlApplication,
  type SourceControlFacts,
  type SourceControlProgram,
  sourceControlFacts,
} from "./source-control-applications";
import { sourceControlConnections } from "./source-control-connections";
import { databaseOf, needsTrust, type SourceControlPlan, sourceControlPlan } from "./source-control-plan";
import type { SourceControlSuiteArgs } from "./source-control-suite-args";
import type { DividedEnvironment } from "./suite-environment";
import { type SuiteObjects, suiteObjects } from "./suite-objects";
import { suiteProgram } from "./suite-program";

/** Start of the names of the objects that all applications share (upstream). */
const SUITE = "cp-source-control";

/** The Source Control suite of K-PaaS: repositories in SCM-Manager, and a website for them with its API. */
export class SourceControlSuite extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** Address of the website. */
  readonly url: string;
  /** What pushes have to call the images of the installed applications. */
  readonly imageReferences: readonly string[];

  constructor(
    private readonly name: string,
    private readonly args: SourceControlSuiteArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("platform:kpaas:SourceControlSuite", name, {}, opts);
    const plan = sourceControlPlan(args);
    const labels = standardLabels({
      system: SOURCE_CONTROL_SYSTEM,
      software: SUITE,
      instance: SUITE,
      component: "suite",
    });
    const objects = suiteObjects(name, { ...args, suite: SUITE, labels }, plan, this);
    const manager = this.makeManager(objects);
    const programs = [...plan.environments].map(([program, environment]) =>
      this.makeProgram(program, environment, plan, objects),
    );

    this.url = args.urls.ui;
    const installed = [...plan.environments.keys(), "cp-source-control-manager" as const];
    this.imageReferences = installed.map((application) => this.referenceOf(application)).sort();
    this.workloads = [...manager.workloads, ...programs.map(({ workload }) => workload)];
    this.connections = [
      ...sourceControlConnections(args, installed),
      ...manager.connections,
      ...programs.flatMap(({ connections }) => connections),
    ];
    this.registerOutputs({ url: this.url });
  }

  private makeManager(objects: SuiteObjects): ScmManager {
    const { args } = this;
    const application = "cp-source-control-manager";
    return new ScmManager(
      `${this.name}-manager`,
      {
        suite: applicationSuite(args, objects, SOURCE_CONTROL_SYSTEM),
        image: args.images[application],
        containerImage: containerImage(args.registry.host, args.images[application], objects.pullSecretName),
        resources: args.resources[application] ?? sourceControlFacts[application].resources,
        storage: args.manager.storage,
        exposure: exposureOf(args, application),
        lifecycle: args.lifecycle,
      },
      { parent: this },
    );
  }

  private makeProgram(
    program: SourceControlProgram,
    environment: DividedEnvironment,
    { shared, authorities }: SourceControlPlan,
    objects: SuiteObjects,
  ): KpaasApplication {
    const { args } = this;
    const { port, resources } = sourceControlFacts[program];
    const { authoritiesName: name } = objects;
    return new KpaasApplication(
      `${this.name}-${program.replace(`${SUITE}-`, "")}`,
      suiteProgram({
        suite: applicationSuite(args, objects, SOURCE_CONTROL_SYSTEM),
        application: program,
        image: args.images[program],
        containerImage: containerImage(args.registry.host, args.images[program], objects.pullSecretName),
        port,
        resources: args.resources[program] ?? resources,
        environment,
        shared,
        trust: name !== undefined && needsTrust(program, authorities) ? { authorities, name } : undefined,
        exposure: exposureOf(args, program),
        after: requirementsOf(args, program),
      }),
      { parent: this },
    );
  }

  private referenceOf(application: SourceControlApplication): string {
    return imageReference(this.args.registry.host, this.args.images[application]);
  }
}

/** How the outside reaches an application: people the website and the repositories, a Cloud Foundry the broker. */
function exposureOf({ exposure, broker }: SourceControlSuiteArgs, application: SourceControlApplication): Exposure {
  const { nodePort }: SourceControlFacts = sourceControlFacts[application];
  const byNodePort: Exposure = nodePort === undefined ? { type: "clusterIp" } : { type: "nodePort", nodePort };
  switch (application) {
    case "cp-source-control-api":
      return { type: "clusterIp" };
    case "cp-source-control-broker":
      return broker?.exposure.type === "nodePort" ? byNodePort : { type: "clusterIp" };
    default:
      return exposure.type === "nodePort" ? byNodePort : exposure;
  }
}

/** What has to be there before a program can start: its login at the database, and Keycloak for those who ask it. */
function requirementsOf(args: SourceControlSuiteArgs, program: SourceControlProgram): pulumi.Resource[] {
  const { calls }: SourceControlFacts = sourceControlFacts[program];
  return [
    ...((calls.includes("database") && databaseOf(program, args)?.ready) || []),
    ...((calls.includes("keycloak") && args.identity.client.ready) || []),
  ];
}
