import * as pulumi from "@pulumi/pulumi";
import type { ContainerImage } from "../../catalog/resolve";
import type { Connection, NetworkPlace, Workload } from "../contracts";
import { standardLabels } from "../kubernetes/labels";
import { containerImage, imageReference } from "../registry/pushed-image";
import type { ApplicationVolumes } from "./application-pod";
import { applicationSuite, KPAAS_SYSTEM, KpaasApplication } from "./kpaas-application";
import { applicationFacts, type PortalApplication } from "./portal-applications";
import { portalConnections } from "./portal-connections";
import { generateCredentials } from "./portal-credentials";
import { addApiIngress } from "./portal-ingress";
import {
  applicationExposure,
  CATALOG_KEY,
  installedApplications,
  needsTrust,
  outsideClients,
  type PortalPlan,
  portalPlan,
  requirementsOf,
} from "./portal-plan";
import type { PortalSuiteArgs } from "./portal-suite-args";
import { catalogVolumes, terramanVolumes } from "./portal-volumes";
import { secretKeys } from "./suite-environment";
import { type SuiteObjects, suiteObjects } from "./suite-objects";

const labels = standardLabels({
  system: KPAAS_SYSTEM,
  software: "cp-portal",
  instance: "cp-portal",
  component: "portal",
});

/** The portal of K-PaaS and its APIs, with the names, ports and variables of one release. */
export class PortalSuite extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** Address of the portal. */
  readonly url: string;
  /** What pushes have to call the images of the installed applications. */
  readonly imageReferences: readonly string[];
  /** Login that a Cloud Foundry uses at the broker; undefined without a broker, or with the one of its image. */
  readonly brokerLogin: { readonly username: string; readonly password: pulumi.Output<string> } | undefined;

  constructor(
    private readonly name: string,
    private readonly args: PortalSuiteArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("platform:kpaas:PortalSuite", name, {}, opts);
    const { profile, registry, images } = args;
    const generated =
      args.credentials === "generated" ? generateCredentials(name, profile, installedApplications(args), this) : {};
    const plan = portalPlan(args, generated);
    const objects = suiteObjects(name, { ...args, suite: "cp-portal", labels }, plan, this);
    const applications = new Map(
      plan.installed.map((application) => [application, this.makeApplication(application, plan, objects)]),
    );
    if (args.exposure.type === "ingress") {
      this.makeIngress(args.exposure, applications);
    }

    this.url = args.urls["cp-portal-ui"];
    this.imageReferences = plan.installed.map((application) => imageReference(registry.host, images[application]));
    const brokerPassword = generated["broker.password"];
    this.brokerLogin = brokerPassword && { username: "admin", password: brokerPassword };
    this.workloads = [...applications.values()].map(({ workload }) => workload);
    this.connections = [
      ...portalConnections(args, plan.installed),
      ...[...applications].flatMap(([application, { workload, connections }]) => [
        ...connections,
        ...outsideClients(args, application, workload),
      ]),
    ];
    this.registerOutputs({ url: this.url });
  }

  private makeApplication(application: PortalApplication, plan: PortalPlan, objects: SuiteObjects): KpaasApplication {
    const { args, name } = this;
    const facts = applicationFacts[application];
    const { own = {}, secret = {} } = plan.environments.get(application) ?? {};
    const image = args.images[application];
    const pulled = containerImage(args.registry.host, image, objects.pullSecretName);
    const trusts = needsTrust(application, plan.authorities);
    const extra = this.volumesOf(application, pulled, plan, objects);
    return new KpaasApplication(
      `${name}-${application.replace("cp-portal-", "")}`,
      {
        suite: applicationSuite(args, objects),
        application,
        image,
        containerImage: pulled,
        port: facts.port,
        runtime: facts.runtime,
        replicas: args.replicas[application] ?? 1,
        recreate: facts.single !== undefined,
        resources: args.resources[application] ?? facts.resources,
        own,
        secrets: secretKeys(application, secret),
        ...(trusts && objects.authoritiesName !== undefined && { authoritiesName: objects.authoritiesName }),
        ...(extra !== undefined && { extra }),
        exposure: applicationExposure(args, application),
        configuration: pulumi.jsonStringify({
          shared: plan.shared,
          own,
          secrets: secret,
          ...(trusts && { authorities: plan.authorities }),
          ...(application === "cp-portal-catalog-api" && { file: plan.catalogFile }),
          ...(application === "cp-portal-terraman" && { key: args.terraman?.sshPrivateKey }),
        }),
        after: [...requirementsOf(args, application), ...(extra?.ready ?? [])],
      },
      { parent: this },
    );
  }

  private volumesOf(
    application: PortalApplication,
    image: ContainerImage,
    { catalogFile }: PortalPlan,
    { secretName }: SuiteObjects,
  ): ApplicationVolumes | undefined {
    const { terraman, catalog } = this.args;
    const scope = { ...this.args, name: this.name, parent: this, labels };
    if (application === "cp-portal-terraman" && terraman !== undefined) {
      return terramanVolumes(scope, terraman, image);
    }
    return application === "cp-portal-catalog-api" && catalog !== undefined
      ? catalogVolumes(scope, catalog.storage, catalogFile === undefined ? undefined : { secretName, key: CATALOG_KEY })
      : undefined;
  }

  private makeIngress(
    exposure: Extract<PortalSuiteArgs["exposure"], { type: "ingress" }>,
    applications: ReadonlyMap<PortalApplication, KpaasApplication>,
  ): void {
    const { namespace, ingress, awaitReady } = this.args;
    const services = new Map(
      [...applications].map(([application, { serviceName }]) => [
        application,
        { name: serviceName, port: applicationFacts[application].port },
      ]),
    );
    const { host, tls } = exposure;
    addApiIngress(
      this.name,
      {
        namespace,
        labels,
        exposure: { type: "ingress", host, tls },
        ingress,
        awaitReady,
        services,
        dependsOn: [...applications.values()].flatMap(({ ready }) => ready),
      },
      this,
    );
  }
}
