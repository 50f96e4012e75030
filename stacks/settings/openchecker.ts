import { z } from "zod";
import { agents, generation } from "./agents";
import { compassProxies } from "./compass-proxies";
import { exposure } from "./exposure";
import {
  absolutePath,
  cidr,
  containerResources,
  httpUrl,
  iniSecret,
  iniText,
  ownNamespace,
  port,
  serverAddress,
  storageQuantity,
} from "./values";

const main = z
  .strictObject({
    generation: generation.default("classic").meta({
      description: "Code in the image: `classic` up to v0.21, `current` for images built from the newest source.",
      source: "seed",
    }),
    replicas: z.int().min(1).max(5).default(1).meta({
      description: "Number of pods. The API user is the same in each.",
      unit: "pods",
      source: "seed",
    }),
    resources: containerResources(
      { cpu: "100m", memory: "256Mi" },
      { cpu: "500m", memory: "512Mi" },
      { description: "Resources of one API pod.", leastMemory: "64Mi" },
    ),
  })
  .prefault({})
  .meta({ description: "The API, which takes tasks. Its image is `openchecker-main` of the catalogue." });

const user = z
  .strictObject({
    name: iniText(64).default("openchecker").meta({ description: "Name of the only API user." }),
    password: iniSecret({ minLength: 8 }).exactOptional().meta({ description: "Password; absent: generated." }),
  })
  .prefault({})
  .meta({ description: "The API user." });

const sonarqube = z
  .strictObject({
    external: z
      .strictObject({
        scheme: z.enum(["http", "https"]).default("http").meta({
          description: "Only the `current` generation can speak https.",
        }),
        host: serverAddress.meta({ description: "Address of the server." }),
        port: port.default(9000).meta({ description: "Port of the server.", source: "upstream" }),
        cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server, for the network policies." }),
        username: iniText().meta({ description: "User that may search and create projects." }),
        password: iniSecret().meta({ description: "Password of that user." }),
        token: iniSecret().meta({ description: "Analysis token for the scanner." }),
      })
      .meta({ description: "A server that somebody else runs." }),
  })
  .exactOptional()
  .meta({ description: "SonarQube that takes the place of the platform's own, see the section sonarqube." });

const chatbot = z
  .strictObject({
    baseUrl: httpUrl().meta({
      description: "Address of an API that is compatible with OpenAI's.",
      examples: ["https://llm.example.org/v1"],
    }),
    apiKey: iniSecret().meta({ description: "Key of that API." }),
    modelName: iniText().meta({ description: "Model to ask.", examples: ["qwen2.5-72b"] }),
    cidrs: z.array(cidr).default([]).meta({
      description: "Address ranges of the API where they are private, for the network policies.",
    }),
  })
  .exactOptional()
  .meta({ description: "Language model for the checks of documents; absent: those checks give no result." });

const token = (site: string) =>
  iniSecret()
    .exactOptional()
    .meta({ description: `Access token for ${site}.` });

/** OpenChecker as a whole. */
export const openchecker = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: "Install OpenChecker and its broker." }),
    namespace: ownNamespace.default("openchecker").meta({ description: "Namespace of OpenChecker.", source: "seed" }),
    main,
    exposure: exposure.meta({ description: "How clients reach the API.", source: "seed" }),
    user,
    token: z
      .strictObject({
        expiresMinutes: z.int().min(1).max(43_200).default(30).meta({
          description: "Life of a login token; `classic` code ignores it (30 days).",
          unit: "minutes",
        }),
      })
      .prefault({})
      .meta({ description: "Login tokens of the API." }),
    storage: z
      .strictObject({
        size: storageQuantity
          .prefault("10Mi")
          .meta({ description: "Size of the shared volume.", unit: "bytes", source: "seed" }),
        path: absolutePath
          .default("/nfs_provisioner_data/openchecker-data/config")
          .meta({ description: "Directory on the NFS server; it has to exist.", source: "seed" }),
      })
      .prefault({})
      .meta({ description: "The volume that serves the configuration to all pods." }),
    agents: agents.prefault({}),
    sonarqube,
    chatbot,
    tokens: z
      .strictObject({ github: token("github.com"), gitee: token("gitee.com"), gitcode: token("gitcode.com") })
      .prefault({})
      .meta({ description: "Access tokens for code hosts; absent ones stay empty." }),
    ohpm: z
      .strictObject({
        accessKey: iniSecret().meta({ description: "Access key." }),
        secretKey: iniSecret().meta({ description: "Secret key." }),
      })
      .exactOptional()
      .meta({ description: "Keys for signed calls to ohpm.openharmony.cn." }),
    compassProxies: compassProxies.prefault({}),
  })
  .meta({ description: "OpenChecker: the API, its workers and what they need." });
