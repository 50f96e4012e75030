import { type CertificateSource, WildcardCertificate } from "../../components/identity/wildcard-certificate";
import type { Settings } from "../settings";
import { kpaasExposure } from "./kpaas-addresses";
import type { Site } from "./site";

/** The certificate for the hosts of K-PaaS, or undefined where they are reached without TLS. */
export function composeCertificates(site: Site): WildcardCertificate | undefined {
  const { kpaas } = site.settings;
  return kpaasExposure(kpaas) === "ingress" && kpaas.domain !== undefined
    ? new WildcardCertificate(
        "wildcard-certificate",
        { domain: kpaas.domain, source: sourceOf(site, kpaas.tls) },
        site.options,
      )
    : undefined;
}

function sourceOf(site: Site, tls: Settings["kpaas"]["tls"]): CertificateSource {
  return tls.from === "selfMade" ? { from: "selfMade", issuer: site.ownIssuer() } : tls;
}
