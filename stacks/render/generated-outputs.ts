import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * What a resource's outputs would be, as far as that is known without engine and cluster. Objects keep their inputs; an
 * object that the provider would name is called by its logical name. Generated values are derived from the logical
 * name, so that every render is the same; those that are secret are marked as such.
 */
export function generatedOutputs({ type, name, inputs, id }: pulumi.runtime.MockResourceArgs): {
  id: string;
  state: Record<string, unknown>;
} {
  return { id: id || name, state: { ...inputs, ...outputsOf(type, name, inputs) } };
}

function outputsOf(type: string, name: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const stable = createHash("sha256").update(name);
  switch (type) {
    case "random:index/randomPassword:RandomPassword":
    case "random:index/randomString:RandomString": {
      const text = stable.digest("hex").repeat(4).slice(0, Number(inputs["length"]));
      return type.endsWith("RandomPassword")
        ? { result: pulumi.secret(text), bcryptHash: pulumi.secret(`$2a$10$${text.slice(0, 53)}`) }
        : { result: text };
    }
    case "random:index/randomId:RandomId": {
      const bytes = stable.digest().subarray(0, Number(inputs["byteLength"]));
      return { hex: bytes.toString("hex"), b64Std: bytes.toString("base64"), b64Url: bytes.toString("base64url") };
    }
    case "random:index/randomBytes:RandomBytes": {
      const bytes = stable.digest().subarray(0, Number(inputs["length"]));
      return { hex: pulumi.secret(bytes.toString("hex")), base64: pulumi.secret(bytes.toString("base64")) };
    }
    case "random:index/randomUuid:RandomUuid":
      return { result: stable.digest("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5") };
    case "tls:index/privateKey:PrivateKey":
      return { privateKeyPem: pulumi.secret(`private key ${name}`), publicKeyPem: `public key ${name}` };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: `certificate request ${name}` };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: `certificate ${name}` };
    default:
      return type.startsWith("kubernetes:") ? { metadata: namedMetadata(inputs["metadata"], name) } : {};
  }
}

/** The metadata with the logical name where the provider would make one up. */
export function namedMetadata(metadata: unknown, name: string): Record<string, unknown> {
  return { name, ...(metadata as Record<string, unknown> | undefined) };
}
