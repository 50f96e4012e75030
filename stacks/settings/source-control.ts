import { z } from "zod";
import { sourceControlApplications, sourceControlFacts } from "../../components/kpaas/source-control-applications";
import { imageGate, serviceBroker, suiteImages, suiteResources } from "./kpaas-suite";
import { kpaasClass, storageClaim } from "./storage-claim";
import { oneLine, secretText } from "./values";

const administrator = z
  .strictObject({
    username: oneLine(128).default("scmadmin").meta({ description: "User name.", source: "upstream" }),
    password: secretText({ minLength: 12 }).meta({ description: "Password." }),
  })
  .exactOptional()
  .meta({
    description:
      "Account of SCM-Manager that SC-API and SC-Broker use; absent: the one that is compiled into their images, whose password is public. Give it its password in SCM-Manager at the same time (docs/source-control.md).",
  });

const manager = z
  .strictObject({
    administrator,
    storage: storageClaim("5Gi", "Where the repositories lie.", kpaasClass),
  })
  .prefault({})
  .meta({ description: "SCM-Manager, which holds the repositories." });

/** The Source Control suite of K-PaaS. */
export const sourceControl = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      description: "Install the Source Control suite of K-PaaS: repositories, and a website for them.",
    }),
    images: suiteImages(sourceControlApplications, {
      project: { name: "cp-source-control-repository" },
      page: "docs/source-control.md",
      example: "cp-source-control-ui",
    }),
    imageGate,
    resources: suiteResources(sourceControlApplications),
    manager,
    broker: serviceBroker("SC-Broker", "source control", sourceControlFacts["cp-source-control-broker"].nodePort),
  })
  .meta({
    description:
      "The Source Control suite of K-PaaS. Its release, addresses and domain are those of the section kpaas.",
  });

/** The parsed section. */
export type SourceControlSettings = z.output<typeof sourceControl>;
