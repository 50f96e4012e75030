import { GeneratedResourceProvider } from "../generated/provider";
import type { ResourceProvider } from "../protocol/resource-provider";
import { certificateRequestKind } from "./certificate-request";
import { locallySignedCertificateKind, selfSignedCertificateKind } from "./certificates";
import { privateKeyKind } from "./private-key";

/** Provider of the package `tls`. */
export function tlsProvider(): ResourceProvider {
  return new GeneratedResourceProvider({
    "tls:index/certRequest:CertRequest": certificateRequestKind,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCertificateKind,
    "tls:index/privateKey:PrivateKey": privateKeyKind,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCertificateKind,
  });
}
