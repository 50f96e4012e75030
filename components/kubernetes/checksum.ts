import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** JSON with sorted keys: equal values give equal bytes, whatever the order they were built in. */
export function stableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, each) => (isPlainObject(each) ? sortKeys(each) : each), indent);
}

/** SHA-256 of a value in hexadecimal digits. */
export function contentHash(value: unknown): string {
  return createHash("sha256").update(stableJson(value)).digest("hex");
}

/**
 * Pod annotation that makes a workload roll when its configuration changes. The hash is shown in plain text although
 * the content may be secret: every configuration hashed here holds a generated value of at least 128 bits, so nothing
 * in it can be guessed from the hash.
 */
export function checksumAnnotation(content: pulumi.Input<string>): Record<string, pulumi.Output<string>> {
  return { "checksum/config": pulumi.unsecret(pulumi.output(content).apply(contentHash)) };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
