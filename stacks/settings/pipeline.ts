import { z } from "zod";
import { pipelineFacts, pipelinePrograms } from "../../components/kpaas/pipeline-applications";
import { imageGate, serviceBroker, suiteImages, suiteResources } from "./kpaas-suite";
import { pipelineJenkins } from "./pipeline-jenkins";
import { cidr, httpUrl, oneLine, port, secretText } from "./values";

const text = (longest: number) => oneLine(longest);

const properties = z
  .array(
    z.strictObject({
      serviceInstance: text(200)
        .default("standalone")
        .meta({ description: "Service instance; the default is the one that no Cloud Foundry ordered." }),
      label: text(100).meta({ description: "Label." }),
      application: text(100).meta({ description: "Application that asks." }),
      profile: text(20).meta({ description: "Profile." }),
      key: text(255).meta({ description: "Name of the property." }),
      value: z
        .string()
        .max(3000)
        .regex(/^\P{Cc}*$/u)
        .meta({ description: "Value, no secret: everybody who reaches the Config-Server reads it." }),
    }),
  )
  .default([])
  .meta({
    description:
      "Rows that the Config-Server serves. They are set at every change of this list; a row that leaves the list stays in the database.",
    examples: [[{ label: "master", application: "cp-pipeline-ui", profile: "prod", key: "name", value: "text" }]],
  });

const cloudFoundry = z
  .strictObject({
    url: httpUrl().meta({ description: "Address of its API." }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the API." }),
    ports: z.array(port).min(1).default([443]).meta({ description: "Ports of the API." }),
  })
  .exactOptional()
  .meta({ description: "The Cloud Foundry that the broker belongs to; the broker needs it." });

/** The Pipeline suite of K-PaaS. */
export const pipeline = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      description: "Install the Pipeline suite of K-PaaS: builds, inspections and deployments, and a website for them.",
    }),
    images: suiteImages(pipelinePrograms, {
      project: { name: "cp-pipeline-repository" },
      page: "docs/pipeline.md",
      example: "cp-pipeline-ui",
    }),
    imageGate,
    resources: suiteResources(pipelinePrograms),
    internalNodePorts: z.boolean().default(false).meta({
      description:
        "Open the node ports of Jenkins and the APIs too, as v1.4.1 does. Their logins are partly compiled into public images.",
    }),
    registryAdministrator: z
      .strictObject({
        username: text(255).meta({ description: "User name." }),
        password: secretText().meta({ description: "Password." }),
      })
      .exactOptional()
      .meta({
        description:
          "Login at the API of the registry by which Pipeline-API makes projects and users; absent: the administrator of the platform's own Harbor. An external registry needs it.",
      }),
    properties,
    jenkins: pipelineJenkins,
    broker: serviceBroker("Pipeline-Broker", "the pipeline", pipelineFacts["cp-pipeline-broker"].nodePort),
    cloudFoundry,
  })
  .meta({
    description: "The Pipeline suite of K-PaaS. Its release, addresses and domain are those of the section kpaas.",
  });

/** The parsed section. */
export type PipelineSettings = z.output<typeof pipeline>;
