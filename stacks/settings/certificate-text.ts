import { z } from "zod";
import { isCertificateChain } from "../../components/identity/certificate-chain";

/** Certificates in PEM, one after the other. What cannot be read is refused here, not by a server weeks later. */
export const certificateText = (description: string) =>
  z
    .string()
    .refine(isCertificateChain, { abort: true }) // rules that compare it with other texts can rely on it
    .meta({ description, allowed: "one or more certificates in PEM" });
