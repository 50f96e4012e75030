import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { UNKNOWN_SECRET } from "./secrets";

/** A key in PEM or in OpenSSH's form. A secret text like `secretText`, but of several lines. */
export function privateKey() {
  return z
    .union([
      z.literal(UNKNOWN_SECRET),
      z.string().regex(/^-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n[\s\S]+-----END [A-Z ]*PRIVATE KEY-----\s*$/),
    ])
    .transform((value) => pulumi.secret(value))
    .meta({ secret: true, allowed: "a private key in PEM" });
}
