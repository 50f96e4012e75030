import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { UNKNOWN_SECRET } from "./secrets";
import { cpuQuantity, memoryAtLeast, memoryQuantity, storageQuantity } from "./types/quantity";

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
    /** Keys that people know from elsewhere and that have another place here, with that place. */
    instead?: Readonly<Record<string, string>>;
  }
}

export * from "./types/address";
export * from "./types/image";
export * from "./types/kubernetes";
export * from "./types/quantity";
export * from "./types/text";
export * from "./types/url";

export const absolutePath = z
  .string()
  .max(1024)
  .regex(/^(?:\/(?!\.{1,2}(?:\/|$))[^/\s\p{Cc}]+)+\/?$/u)
  .meta({ allowed: "an absolute path without spaces, `.` and `..`", examples: ["/nfs_provisioner_data"] });

/** What a secret text has to be besides one line. */
export interface SecretTextRule {
  /** @default 1 */
  readonly minLength?: number;
  /** What the whole text has to match. @default anything */
  readonly pattern?: RegExp;
  /** The pattern in words. */
  readonly words?: string;
  /** The text is a file of JSON whose key `type` has this value; it may have several lines. @default one line of text */
  readonly json?: string;
}

/**
 * A password, token or key. Parsed it is a secret Output, so that nobody prints it by accident; the error report never
 * shows it, and a stack file that holds it unencrypted is refused.
 */
export function secretText({ minLength = 1, pattern, words, json }: SecretTextRule = {}) {
  const allowed = [
    json === undefined ? "a secret text on one line" : `a secret: a file of JSON with the type ${json}`,
    ...(minLength > 1 ? [`at least ${minLength} characters`] : []),
    ...(words === undefined ? [] : [words]),
  ];
  const fits = (value: string): boolean =>
    json === undefined
      ? // A line break would end the value in the configuration files that it is written to.
        /^\P{Cc}+$/u.test(value) && value.trim() !== "" && value.length >= minLength && pattern?.test(value) !== false
      : isJsonOfType(value, json);
  return z
    .string()
    .max(100_000)
    .refine((value) => value === UNKNOWN_SECRET || fits(value))
    .transform((value) => pulumi.secret(value))
    .meta({ secret: true, allowed: allowed.join(", ") });
}

function isJsonOfType(text: string, type: string): boolean {
  try {
    return JSON.parse(text)?.type === type;
  } catch {
    return false;
  }
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

/** CPU and memory of a container, in Kubernetes' words. */
interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

/**
 * CPU and memory of a container, with the defaults of that container. Scratch space is counted only where it is set.
 * @param leastMemory with which the program in it starts. @default whatever a container needs
 */
export function amounts(defaults: Amounts, leastMemory?: string) {
  const memory = leastMemory === undefined ? memoryQuantity : memoryAtLeast(leastMemory);
  return z.strictObject({
    cpu: cpuQuantity.prefault(defaults.cpu).meta({ description: "Processor time.", unit: "CPUs" }),
    memory: memory.prefault(defaults.memory).meta({ description: "Memory.", unit: "bytes" }),
    "ephemeral-storage": storageQuantity.exactOptional().meta({
      description: "Scratch space on the node: container layer, logs and emptyDir volumes.",
      unit: "bytes",
    }),
  });
}

/** What the program in a container needs, and how its resources are described. */
interface ContainerMeta {
  readonly description: string;
  readonly source?: "seed" | "upstream";
  /** Memory below which the program does not start, or is killed at its first work. */
  readonly leastMemory?: string;
}

/**
 * Requests and limits of a container.
 * @param user what the amounts are for, in the descriptions. @default a pod
 */
export function containerResources(
  requests: Amounts,
  limits: Amounts,
  { leastMemory, ...meta }: ContainerMeta,
  user = "a pod",
) {
  return z
    .strictObject({
      requests: amounts(requests)
        .prefault({})
        .meta({ description: `What is set aside for ${user}.` }),
      limits: amounts(limits, leastMemory)
        .prefault({})
        .meta({ description: `What ${user} may use at most.` }),
    })
    .prefault({})
    .meta(meta);
}
