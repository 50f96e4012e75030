import { isIPv4 } from "node:net";
import { z } from "zod";
import { harborExposure } from "./harbor-exposure";
import { harborLogin } from "./harbor-login";
import { harborProjects, harborRobots } from "./harbor-projects";
import { harborResources } from "./harbor-resources";
import { harborDatabase, harborRedis, imageStorage, jobLogs, volume } from "./harbor-storage";
import { harborSystem } from "./harbor-system";
import { harborTuning } from "./harbor-tuning";
import { outsideServers } from "./outside-servers";
import { checkedText } from "./types/checked";
import { cron } from "./types/cron";
import { authorityText } from "./types/pem";
import {
  absolutePath,
  cidr,
  hostFault,
  httpUrl,
  ipAddress,
  isLoopback,
  oneLine,
  ownNamespace,
  port,
  registryHost,
  secretText,
} from "./values";

const proxyUrl = httpUrl({ path: "none" }).meta({ examples: ["http://proxy.example.org:3128"] });

/** An entry of NO_PROXY: a host, a domain with or without a dot in front, an address or a range. */
const direct = checkedText((text) =>
  !/[\s,\p{Cc}]/u.test(text) && (cidr.safeParse(text).success || /^\.?[A-Za-z0-9:][A-Za-z0-9.:-]*$/.test(text))
    ? undefined
    : "This is neither a host nor a domain, an address or a range.",
);

const login = (use: string) =>
  z
    .strictObject({
      username: oneLine().meta({ description: "User name.", examples: ["robot$kubekloud+cluster"] }),
      password: secretText().meta({ description: "Password." }),
    })
    .meta({ description: `Login that may ${use}.` });

const external = z
  .strictObject({
    scheme: z.enum(["http", "https"]).default("https").meta({ description: "How clients talk to it." }),
    host: registryHost.meta({ description: "Host, with a port where needed, as image references begin." }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the registry, for the network policies." }),
    pull: login("pull from the projects that the platform uses"),
    push: login("push to them").exactOptional(),
    certificateAuthority: authorityText(
      "Authority behind its certificate, where the public ones do not know it.",
    ).exactOptional(),
  })
  .exactOptional()
  .meta({
    description: "A registry that somebody else runs. When set, Harbor is not installed and the rest is ignored.",
  });

const trivy = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: "Run the vulnerability scanner.", source: "seed" }),
    offline: z.boolean().default(false).meta({
      description: "Download no vulnerability databases: somebody puts them into the volume (docs/harbor.md).",
    }),
    ignoreUnfixed: z
      .boolean()
      .default(false)
      .meta({ description: "Leave out what has no fix yet.", source: "upstream" }),
    timeoutMinutes: z.int().min(1).max(120).default(5).meta({
      description: "Longest time for one scan.",
      unit: "minutes",
      source: "upstream",
    }),
    storage: volume("5Gi", "Databases and reports of one pod."),
    githubToken: secretText().exactOptional().meta({ description: "Token that raises the number of downloads." }),
  })
  .prefault({})
  .meta({ description: "The vulnerability scanner." });

const proxy = z
  .strictObject({
    http: proxyUrl.exactOptional().meta({ description: "Proxy for plain HTTP." }),
    https: proxyUrl.exactOptional().meta({ description: "Proxy for HTTPS." }),
    noProxy: z.array(direct).default([]).meta({
      description:
        "Further hosts and domains that are reached directly; Harbor's own parts and the platform's Keycloak always are.",
    }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the proxy, for the network policies." }),
    ports: z
      .array(port)
      .min(1)
      .meta({ description: "Ports of the proxy.", examples: [[3128]] }),
    forRegistry: z.boolean().default(false).meta({
      description: "Let the registry use it, too, for an object store behind it.",
    }),
  })
  .exactOptional()
  .meta({ description: "Proxy for what core, the job service and the scanner fetch from outside." });

const replicas = (description: string) => z.int().min(1).max(20).default(1).meta({ description, unit: "pods" });

/** Harbor, our own or a registry that somebody else runs. */
export const harbor = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: "Install Harbor." }),
    external,
    namespace: ownNamespace.default("harbor-system").meta({ description: "Namespace of Harbor.", source: "seed" }),
    host: checkedText((host) => (isIPv4(host) && !isLoopback(host) ? undefined : hostFault(host, "several")))
      .default("harbor.local")
      .meta({
        description: "What clients and nodes call the node, the load balancer or the ingress; they have to resolve it.",
        allowed: "a full host name in lower case or an IPv4 address, without scheme, port or path",
        source: "seed",
      }),
    exposure: harborExposure,
    externalUrl: httpUrl({ path: "none", calledByPods: false })
      .exactOptional()
      .meta({
        description: "Address of a proxy of your own in front of Harbor; absent: derived from host and exposure.",
        examples: ["https://registry.example.org"],
      }),
    storage: imageStorage,
    database: harborDatabase,
    redis: harborRedis,
    jobservice: z
      .strictObject({
        workers: z.int().min(1).max(1000).default(10).meta({
          description: "Jobs that one pod runs at a time.",
          unit: "jobs",
          source: "upstream",
        }),
        logs: jobLogs,
      })
      .prefault({})
      .meta({ description: "Scans, garbage collection, replication and retention." }),
    trivy,
    metrics: z.boolean().default(true).meta({
      description: "Serve Prometheus metrics and run the exporter, with ServiceMonitors where the cluster knows them.",
      source: "seed",
    }),
    proxy,
    egress: outsideServers(
      "What core and the job service may reach outside: registries to replicate, webhooks, mail.",
      "Docker Hub",
    ),
    trustedCertificates: z.array(authorityText("Certificates of authorities.")).default([]).meta({
      description: "PEM of authorities that Harbor trusts besides the public ones.",
      allowed: "a list of PEM certificates",
    }),
    administratorPassword: secretText({
      minLength: 8,
      pattern: /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{8,128}$/, // Harbor's own rule
      words: "at most 128, with upper and lower case letters and digits",
    })
      .exactOptional()
      .meta({
        description: "Password of `admin`, once people have changed it in Harbor, or the first one; absent: generated.",
      }),
    oidc: harborLogin,
    system: harborSystem,
    tuning: harborTuning,
    projects: harborProjects,
    robots: harborRobots,
    reconcileSchedule: cron.default("17 3 * * *").meta({
      description: "When projects and robots are looked through again; it renews robots before they expire.",
    }),
    replicas: z
      .strictObject({
        core: replicas("The API."),
        jobservice: replicas("The job service; more than one needs logs in the database or on a shared volume."),
        nginx: replicas("The front; none with an ingress."),
        portal: replicas("The web pages."),
        registry: replicas("The registry; more than one needs a shared volume or an object store."),
        trivy: replicas("The scanner; each has a volume of its own."),
      })
      .prefault({})
      .meta({ description: "Pods of each part.", source: "upstream" }),
    resources: harborResources,
    nodePreparation: z
      .strictObject({
        enabled: z.boolean().default(false).meta({
          description: "Write containerd's registry configuration on every node. The pods run as root on host paths.",
        }),
        namespace: ownNamespace
          .default("registry-node-preparation")
          .meta({ description: "Namespace of its own, of the Pod Security level privileged." }),
        address: ipAddress.exactOptional().meta({
          description: "Address for a line in the nodes' hosts file; absent: their DNS knows the host.",
        }),
        certsDirectory: absolutePath
          .default("/etc/containerd/certs.d")
          .meta({ description: "containerd's directory for registries on the nodes.", source: "upstream" }),
      })
      .prefault({})
      .meta({ description: "For nodes that nobody prepares in another way (docs/harbor.md)." }),
    ipv6: z.boolean().default(true).meta({
      description: "Let the web servers listen on IPv6, too. False on nodes whose kernel has it switched off.",
      source: "upstream",
    }),
    logLevel: z
      .enum(["debug", "info", "warning", "error", "fatal"])
      .default("info")
      .meta({ description: "How much the parts log.", source: "upstream" }),
  })
  .meta({ description: "Harbor, the registry for images and Helm charts." });
