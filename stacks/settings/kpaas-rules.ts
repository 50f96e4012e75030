import { reservedNamespaces } from "../../components/kpaas/reserved-names";
import { kpaasExposure } from "../composition/kpaas-addresses";
import { kpaasPortalRules } from "./kpaas-portal-rules";
import { kpaasHosts, ownNamespaces } from "./own-names";
import type { SettingPath } from "./paths";
import type { Settings } from "./schema";
import type { RuleInput, Violation } from "./violation";
import { wildcardCertificateRules } from "./wildcard-certificate";

/** The name of a certificate's owner has 64 characters at most, and two go to `*.`. */
const LONGEST_DOMAIN = 62;

const DOMAIN: SettingPath = ["kpaas", "domain"];

/** Combinations of K-PaaS's settings that cannot work. */
export function kpaasRules({ settings }: RuleInput): Violation[] {
  return settings.kpaas.enabled
    ? [
        ...addressRules(settings),
        ...certificateRules(settings),
        ...registryRules(settings),
        ...nameRules(settings),
        ...kpaasPortalRules(settings),
      ]
    : [];
}

function addressRules({ kpaas }: Settings): Violation[] {
  const byIngress = kpaasExposure(kpaas) === "ingress";
  if (byIngress && kpaas.domain === undefined) {
    return [
      {
        paths: [DOMAIN, ["kpaas", "exposure"]],
        reason: "The services are behind an ingress, and nobody knows their host names.",
        remedy: "Set domain, or the exposure nodePort with a nodeAddress.",
      },
    ];
  }
  return !byIngress && kpaas.nodeAddress === undefined
    ? [
        {
          paths: [
            ["kpaas", "nodeAddress"],
            ["kpaas", "exposure"],
          ],
          reason: "The services are at ports of the nodes, and nobody knows the address of a node.",
          remedy: "Set nodeAddress, or the exposure ingress with a domain.",
        },
      ]
    : [];
}

function certificateRules(settings: Settings): Violation[] {
  const { kpaas, cluster } = settings;
  if (kpaasExposure(kpaas) !== "ingress" || kpaas.domain === undefined) {
    return [];
  }
  const tooLong = kpaas.tls.from === "selfMade" && kpaas.domain.length > LONGEST_DOMAIN;
  return [
    ...(tooLong
      ? [
          {
            paths: [DOMAIN, ["kpaas", "tls", "from"]],
            reason: "The domain is too long for the name in a certificate that the platform makes itself.",
            remedy: `Use a domain of ${LONGEST_DOMAIN} characters at most, or a certificate of another source.`,
          } satisfies Violation,
        ]
      : []),
    ...wildcardCertificateRules({
      path: ["kpaas", "tls"],
      certificate: kpaas.tls,
      domainPath: DOMAIN,
      hosts: kpaasHosts(settings).map(({ host }) => host),
      certManager: cluster.capabilities.certManager,
    }),
  ];
}

function registryRules({ harbor }: Settings): Violation[] {
  return harbor.enabled
    ? []
    : [
        {
          paths: [
            ["kpaas", "enabled"],
            ["harbor", "enabled"],
          ],
          reason: "The images of the portal come from the registry of the section harbor, which is switched off.",
          remedy: "Enable harbor, with `external` if somebody else runs the registry, or disable kpaas.",
        },
      ];
}

/** The portal takes these names for something else. */
function nameRules(settings: Settings): Violation[] {
  return ownNamespaces(settings)
    .filter(({ name }) => reservedNamespaces.includes(name))
    .map(({ path }) => ({
      paths: [path],
      reason: "The portal uses this name for something that is no namespace of the platform.",
      remedy: "Choose another name.",
    }));
}
