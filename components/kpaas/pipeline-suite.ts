import * as pulumi from "@pulumi/pulumi";
import type { Connection, NetworkPlace, Workload } from "../contracts";
import type { Exposure } from "../exposure/exposure";
import { standardLabels } from "../kubernetes/labels";
import { containerImage, imageReference } from "../registry/pushed-image";
import { JENKINS_ADMINISTRATOR, Jenkins, jenkinsPassword } from "./jenkins";
import { applicationSuite, KpaasApplication } from "./kpaas-application";
import { jenkinsPorts, PIPELINE_SYSTEM, type PipelineProgram, pipelineFacts } from "./pipeline-applications";
import { pipelineConnections } from "./pipeline-connections";
import { jenkinsUrl, needsTrust, type PipelinePlan, pipelinePlan, requirementsOf } from "./pipeline-plan";
import type { PipelineSuiteArgs } from "./pipeline-suite-args";
import type { DividedEnvironment } from "./suite-environment";
import { type SuiteObjects, suiteObjects } from "./suite-objects";
import { suiteProgram } from "./suite-program";

/** Start of the names of the objects that all programs share (upstream). */
const SUITE = "cp-pipeline";

/** The Pipeline suite of K-PaaS: a website for builds with its APIs, and the Jenkins that runs them. */
export class PipelineSuite extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** Address of the website. */
  readonly url: string;
  /** What pushes have to call the images of the installed programs, without Jenkins's. */
  readonly imageReferences: readonly string[];
  /** Login of Jenkins's administrator. */
  readonly jenkinsLogin: { readonly username: string; readonly password: pulumi.Output<string> };

  constructor(
    private readonly name: string,
    private readonly args: PipelineSuiteArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("platform:kpaas:PipelineSuite", name, {}, opts);
    const password = jenkinsPassword(`${name}-jenkins-password`, args.lifecycle, this);
    this.jenkinsLogin = { username: JENKINS_ADMINISTRATOR, password };
    const plan = pipelinePlan(args, this.jenkinsLogin);
    const labels = standardLabels({ system: PIPELINE_SYSTEM, software: SUITE, instance: SUITE, component: "suite" });
    const objects = suiteObjects(name, { ...args, suite: SUITE, labels }, plan, this);
    const jenkins = this.makeJenkins(plan, objects);
    const programs = [...plan.environments].map(([program, environment]) =>
      this.makeProgram(program, environment, plan, objects),
    );

    this.url = args.url;
    const installed = [...plan.environments.keys()];
    this.imageReferences = installed.map((program) => this.referenceOf(program));
    this.workloads = [...jenkins.workloads, ...programs.map(({ workload }) => workload)];
    this.connections = [
      ...pipelineConnections(args, installed),
      ...jenkins.connections,
      ...programs.flatMap(({ connections }) => connections),
    ];
    this.registerOutputs({ url: this.url });
  }

  private makeJenkins({ authorities }: PipelinePlan, objects: SuiteObjects): Jenkins {
    const { args } = this;
    const { authoritiesName } = objects;
    const trusts = "registry.crt" in authorities;
    return new Jenkins(
      `${this.name}-jenkins`,
      {
        ...args.jenkins,
        suite: {
          ...applicationSuite(args, objects, PIPELINE_SYSTEM),
          pullSecretName: objects.pullSecretName,
          authoritiesName: trusts ? authoritiesName : undefined,
        },
        password: this.jenkinsLogin.password,
        url: jenkinsUrl(args),
        inspection: args.inspection,
        exposure: internalExposure(args, jenkinsPorts.nodePort),
        lifecycle: args.lifecycle,
      },
      { parent: this },
    );
  }

  private makeProgram(
    program: PipelineProgram,
    environment: DividedEnvironment,
    { shared, authorities }: PipelinePlan,
    objects: SuiteObjects,
  ): KpaasApplication {
    const { args } = this;
    const { port, resources } = pipelineFacts[program];
    const { authoritiesName: name } = objects;
    return new KpaasApplication(
      `${this.name}-${program.replace(`${SUITE}-`, "")}`,
      suiteProgram({
        suite: applicationSuite(args, objects, PIPELINE_SYSTEM),
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

  private referenceOf(program: PipelineProgram): string {
    return imageReference(this.args.registry.host, this.args.images[program]);
  }
}

/** How the outside reaches a program: people the website, a Cloud Foundry the broker, and nobody the others. */
function exposureOf(args: PipelineSuiteArgs, program: PipelineProgram): Exposure {
  const { exposure, broker } = args;
  const { nodePort } = pipelineFacts[program];
  switch (program) {
    case "cp-pipeline-ui":
      return exposure.type === "ingress" ? exposure : { type: "nodePort", nodePort };
    case "cp-pipeline-broker":
      return broker?.exposure.type === "nodePort" ? { type: "nodePort", nodePort } : { type: "clusterIp" };
    default:
      return internalExposure(args, nodePort);
  }
}

function internalExposure({ exposure }: PipelineSuiteArgs, nodePort: number): Exposure {
  return exposure.type === "nodePort" && exposure.internal ? { type: "nodePort", nodePort } : { type: "clusterIp" };
}
