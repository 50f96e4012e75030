import { isIP } from "node:net";
import type { RuleInput, Violation } from "./violation";

/** Impossible combinations in the settings of Harbor. */
export function harborRules({ settings }: RuleInput): Violation[] {
  return [
    ...(isInstalled(settings)
      ? [
          ...replicaRules(settings),
          ...addressRules(settings),
          ...retentionRules(settings),
          ...certificateRules(settings),
        ]
      : []),
  ];
}

function isInstalled({ harbor }: Settings): boolean {
  return harbor.enabled && harbor.external === undefined;
}

type Settings = RuleInput["settings"];

function replicaRules({ harbor }: Settings): Violation[] {
  const { replicas, storage, jobservice } = harbor;
  const shared = (part: string, paths: Violation["paths"], remedy: string): Violation => ({
    paths,
    reason: `Several pods of ${part} are to use a volume that one node at a time can mount.`,
    remedy,
  });
  return [
    ...(replicas.registry > 1 && storage.s3 === undefined && storage.accessMode === "ReadWriteOnce"
      ? [
          shared(
            "the registry",
            [
              ["harbor", "replicas", "registry"],
              ["harbor", "storage", "accessMode"],
            ],
            "Set one replica, the access mode ReadWriteMany with a class that supports it, or an object store (s3).",
          ),
        ]
      : []),
    ...(replicas.jobservice > 1 && !jobservice.logs.inDatabase && jobservice.logs.accessMode === "ReadWriteOnce"
      ? [
          shared(
            "the job service",
            [
              ["harbor", "replicas", "jobservice"],
              ["harbor", "jobservice", "logs", "accessMode"],
            ],
            "Set one replica, the access mode ReadWriteMany with a class that supports it, or inDatabase to true.",
          ),
        ]
      : []),
  ];
}

function addressRules({ harbor }: Settings): Violation[] {
  const { exposure, host, externalUrl } = harbor;
  return [
    ...(exposure.type === "ingress" && isIP(host) !== 0
      ? [
          {
            paths: [
              ["harbor", "host"],
              ["harbor", "exposure", "type"],
            ],
            reason: "An ingress tells systems apart by their host name, and this is an address.",
            remedy: "Set a host name, or another type of exposure.",
          } satisfies Violation,
        ]
      : []),
    ...(exposure.tls.from !== "none" && externalUrl?.startsWith("http:") === true
      ? [
          {
            paths: [
              ["harbor", "externalUrl"],
              ["harbor", "exposure", "tls", "from"],
            ],
            reason: "Harbor serves HTTPS, and the address that it tells its clients says HTTP: no login would work.",
            remedy: "Let externalUrl begin with https, or leave it out.",
          } satisfies Violation,
        ]
      : []),
  ];
}

function retentionRules({ harbor }: Settings): Violation[] {
  return Object.entries(harbor.projects).flatMap(([name, { retention }]) =>
    (retention?.rules ?? []).flatMap(({ keep, count }, index): Violation[] => {
      const path = ["harbor", "projects", name, "retention", "rules", index];
      return (keep === "always") === (count === undefined)
        ? []
        : [
            {
              paths: [
                [...path, "keep"],
                [...path, "count"],
              ],
              reason: "`always` takes no number, and all other ways to keep tags need one.",
              remedy: "Set count, or remove it with `always`.",
            },
          ];
    }),
  );
}

function certificateRules({ harbor, cluster }: Settings): Violation[] {
  const { exposure } = harbor;
  return exposure.type === "ingress" && exposure.tls.from === "issuer" && !cluster.capabilities.certManager
    ? [
        {
          paths: [
            ["harbor", "exposure", "tls", "from"],
            ["cluster", "capabilities", "certManager"],
          ],
          reason: "The certificate is to come from an issuer, and the cluster is said not to have cert-manager.",
          remedy:
            "Install cert-manager and set platform:cluster.capabilities.certManager to true, or use `tls: { from: selfMade }`.",
        },
      ]
    : [];
}
