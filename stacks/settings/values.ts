import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { UNKNOWN_SECRET } from "./secrets";

declare module "zod" {
  /** What every setting says about itself besides its type; the error report and `docs/settings.md` show it. */
  interface GlobalMeta {
    /** What is counted, for example `days`. */
    unit?: string;
    /** Where the default or the list of values comes from; absent: chosen by this program. */
    source?: "seed" | "upstream";
    /** What is allowed, in words, where the type alone does not say it. */
    allowed?: string;
    /** The value may never be shown and has to be stored encrypted. */
    secret?: true;
  }
}

const label = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";

/** Name of an object that Kubernetes keeps to one DNS label. */
export const dnsLabel = z
  .string()
  .regex(new RegExp(`^${label}$`))
  .meta({ allowed: "a DNS label: lower-case letters, digits and inner dashes, at most 63" });

/** Name of an object that may have dots, such as a Secret or a StorageClass. */
export const dnsName = z
  .string()
  .max(253)
  .regex(new RegExp(`^${label}(?:\\.${label})*$`))
  .meta({ allowed: "a DNS name: lower-case letters, digits, and inner dashes and dots" });

/** Namespace that the program creates, and therefore none of those that a cluster is born with. */
export const ownNamespace = z
  .string()
  .regex(new RegExp(`^(?!kube-|default$)${label}$`))
  .meta({ allowed: "a DNS label other than `default` and `kube-…`, since the program creates the namespace" });

/** Host name that people or the ingress controller use. */
export const hostName = z
  .string()
  .max(253)
  .regex(new RegExp(`^${label}(?:\\.${label})+$`))
  .meta({
    allowed: "a full host name in lower case, without scheme, port or path",
    examples: ["openchecker.example.org"],
  });

/** Server outside the cluster: a host name, or an IP address. */
export const serverAddress = z
  .union([
    z
      .string()
      .max(253)
      .regex(new RegExp(`^${label}(?:\\.${label})*$`)),
    z.ipv4(),
    z.ipv6(),
  ])
  .meta({ allowed: "a host name or an IP address, without scheme, port or path", examples: ["192.168.0.110"] });

export const ipAddress = z
  .union([z.ipv4(), z.ipv6()])
  .meta({ allowed: "an IPv4 or IPv6 address", examples: ["203.0.113.7"] });

/** Address range. */
export const cidr = z
  .union([z.cidrv4(), z.cidrv6()])
  .meta({ allowed: "an address range in CIDR notation", examples: ["10.20.0.0/16"] });

export const port = z.int().min(1).max(65535).meta({ unit: "TCP port" });

const quantityPattern = /^(?:\d+(?:\.\d+)?|\.\d+)(?:m|k|[MGTPE]|[KMGTPE]i)?$/;

/**
 * Amount of a resource as Kubernetes writes it. A plain number is taken too, because that is what
 * `pulumi config set --path` stores for `2`. Give it a default with `prefault`, which the reference can show.
 */
export const quantity = z
  .union([z.string().regex(quantityPattern), z.number().positive().transform(String)])
  .meta({ allowed: "a Kubernetes quantity: a number with an optional suffix such as m, Mi, Gi", examples: ["512Mi"] });

export const absolutePath = z
  .string()
  .regex(/^(?:\/[^/\s]+)+\/?$/)
  .meta({ allowed: "an absolute path without spaces", examples: ["/nfs_provisioner_data"] });

export const imageRepository = z
  .string()
  .regex(/^(?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/)
  .meta({
    allowed: "a repository without tag, with the registry host in front where it is not the catalogue's",
    examples: ["ghcr.io/example/openchecker"],
  });

export const registryPrefix = z
  .string()
  .regex(/^[a-zA-Z0-9.-]+(?::\d+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/)
  .meta({
    allowed: "a registry host, with a port and a path where needed, without scheme and without a slash at the end",
    examples: ["registry.example.org/mirror"],
  });

export const imageTag = z
  .string()
  .regex(/^(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/)
  .meta({ allowed: "an image tag other than `latest`, which is not one version", examples: ["v0.21"] });

export const imageDigest = z
  .string()
  .regex(/^sha256:[a-f0-9]{64}$/)
  .meta({ allowed: "`sha256:` and 64 lower-case hex digits" });

/** Labels of pods or nodes. */
export const labels = z
  .record(z.string().regex(/^(?:[a-z0-9.-]+\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/), z.string().max(63))
  .meta({ allowed: "an object of label names and values, both text", examples: [{ "k8s-app": "kube-dns" }] });

export const annotations = z
  .record(z.string().min(1), z.string())
  .meta({ allowed: "an object of annotation names and values, both text" });

/** What a secret text has to be besides one line. */
export interface SecretTextRule {
  /** @default 1 */
  readonly minLength?: number;
  /** What the whole text has to match. @default anything */
  readonly pattern?: RegExp;
  /** The pattern in words. */
  readonly words?: string;
}

/**
 * A password, token or key. Parsed it is a secret Output, so that nobody prints it by accident; the error report never
 * shows it, and a stack file that holds it unencrypted is refused.
 */
export function secretText({ minLength = 1, pattern, words }: SecretTextRule = {}) {
  const allowed = [
    "a secret text on one line",
    ...(minLength > 1 ? [`at least ${minLength} characters`] : []),
    ...(words === undefined ? [] : [words]),
  ];
  return z
    .string()
    .regex(/^\P{Cc}+$/u) // a line break would end the value in the configuration files that it is written to
    .refine((value) => value === UNKNOWN_SECRET || (value.length >= minLength && pattern?.test(value) !== false))
    .transform((value) => pulumi.secret(value))
    .meta({ secret: true, allowed: allowed.join(", ") });
}

const iniRule = { pattern: /^(?!\s)\P{Cc}+(?<!\s)$/u, words: "without white space at its start and end" };

/** Text that OpenChecker's `config.ini` can hold, whose reader takes it line by line and drops white space around it. */
export function iniText(maxLength = 256) {
  return z
    .string()
    .max(maxLength)
    .regex(iniRule.pattern)
    .meta({ allowed: `a text of at most ${maxLength} characters on one line, ${iniRule.words}` });
}

/** The same for a secret text. */
export function iniSecret(rule: Pick<SecretTextRule, "minLength"> = {}) {
  return secretText({ ...rule, ...iniRule });
}

/** CPU and memory of a container, with the defaults of that container. Scratch space is counted only where it is set. */
export function amounts(defaults: { readonly cpu: string; readonly memory: string }) {
  return z.strictObject({
    cpu: quantity.prefault(defaults.cpu).meta({ description: "Processor time.", unit: "CPUs" }),
    memory: quantity.prefault(defaults.memory).meta({ description: "Memory.", unit: "bytes" }),
    "ephemeral-storage": quantity.exactOptional().meta({
      description: "Scratch space on the node: container layer, logs and emptyDir volumes.",
      unit: "bytes",
    }),
  });
}

type Amounts = Parameters<typeof amounts>[0];

/**
 * Requests and limits of a container.
 * @param user what the amounts are for, in the descriptions. @default a pod
 */
export function containerResources(
  requests: Amounts,
  limits: Amounts,
  meta: { readonly description: string; readonly source?: "seed" | "upstream" },
  user = "a pod",
) {
  return z
    .strictObject({
      requests: amounts(requests)
        .prefault({})
        .meta({ description: `What is set aside for ${user}.` }),
      limits: amounts(limits)
        .prefault({})
        .meta({ description: `What ${user} may use at most.` }),
    })
    .prefault({})
    .meta(meta);
}
