import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { UNKNOWN_SECRET } from "./secrets";
import { withReason } from "./types/checked";
import { privateKeyFault } from "./types/pem";

/** A key in PEM or in OpenSSH's form. A secret text like `secretText`, but of several lines. */
export function privateKey() {
  return z
    .string()
    .superRefine(withReason((text) => (text === UNKNOWN_SECRET ? undefined : privateKeyFault(text))))
    .transform((value) => pulumi.secret(value))
    .meta({ secret: true, allowed: "a private key in PEM or in OpenSSH's form, without a passphrase" });
}
