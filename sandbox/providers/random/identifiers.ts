import { randomBytes, randomUUID } from "node:crypto";
import type { Generated, GeneratedKind } from "../generated/generated-kind";
import { numberAt, type PropertyMap, stringAt } from "../protocol/property-values";

/** Arbitrary values whose change makes a new random value. */
export const keepers = { keepers: { type: "object" } } as const;

export const randomBytesKind: GeneratedKind = {
  arguments: { ...keepers, length: { type: "number", required: true } },
  outputs: ["base64", "hex"],
  secrets: ["base64", "hex"],
  validate: (args) => atLeastOne(args, "length"),
  generate: async (args) => describeBytes(randomBytes(numberAt(args, "length") ?? 0)),
  import: async (value) => {
    const bytes = Buffer.from(value, "base64");
    return { ...describeBytes(bytes), arguments: { length: bytes.length } };
  },
};

function describeBytes(bytes: Buffer): Generated {
  const base64 = bytes.toString("base64");
  // The official provider uses the value itself as the id, where the state shows it to everybody.
  return { id: "none", outputs: { base64, hex: bytes.toString("hex") } };
}

export const randomIdKind: GeneratedKind = {
  arguments: { ...keepers, byteLength: { type: "number", required: true }, prefix: { type: "string" } },
  outputs: ["b64Std", "b64Url", "dec", "hex"],
  secrets: [],
  validate: (args) => atLeastOne(args, "byteLength"),
  generate: async (args) => describeId(randomBytes(numberAt(args, "byteLength") ?? 0), stringAt(args, "prefix") ?? ""),
  import: async (value) => {
    const [id = "", prefix] = value.split(",").reverse();
    const bytes = Buffer.from(id, "base64url");
    const args = { byteLength: bytes.length, ...(prefix !== undefined && { prefix }) };
    return { ...describeId(bytes, prefix ?? ""), arguments: args };
  },
};

function describeId(bytes: Buffer, prefix: string): Generated {
  const hex = bytes.toString("hex");
  const id = bytes.toString("base64url");
  const outputs = {
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + id,
    dec: prefix + BigInt(`0x${hex}`).toString(),
    hex: prefix + hex,
  };
  return { id, outputs };
}

export const randomUuidKind: GeneratedKind = {
  arguments: keepers,
  outputs: ["result"],
  secrets: [],
  generate: async () => describeUuid(randomUUID()),
  import: async (value) => ({ ...describeUuid(value), arguments: {} }),
};

function describeUuid(uuid: string): Generated {
  return { id: uuid, outputs: { result: uuid } };
}

function atLeastOne(args: PropertyMap, property: string) {
  return (numberAt(args, property) ?? 0) >= 1 ? undefined : { property, reason: `${property} must be 1 or more.` };
}
