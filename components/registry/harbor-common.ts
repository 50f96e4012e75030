import { Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels, type HarborPart, partSelector, SERVICE_ACCOUNT } from "./harbor-parts";
import type { HarborRegistryArgs } from "./harbor-registry-args";
import { fixedName, type HarborScope, partMetadata, TRUSTED_CERTIFICATES_KEY } from "./harbor-scope";
import type { HarborSecrets } from "./harbor-secrets";
import { proxyEnvironment } from "./harbor-wiring";

const TRUSTED_SECRET = "harbor-trusted-certificates";

/** What the parts share, with the objects that belong to no single one of them. */
export function harborScope(
  name: string,
  parent: pulumi.Resource,
  args: HarborRegistryArgs,
  secrets: HarborSecrets,
): HarborScope {
  const { name: namespace } = args.namespace;
  const options = { parent, deleteBeforeReplace: true };
  const account = new ServiceAccount(
    `${name}-account`,
    {
      metadata: { name: SERVICE_ACCOUNT, namespace, labels: commonLabels("service-account") },
      automountServiceAccountToken: false,
    },
    options,
  );
  const provider = args.oidc?.client.certificateAuthority;
  const authorities = [...args.trustedAuthorities, ...(provider === undefined ? [] : [provider])];
  const bundle = pulumi.all(authorities).apply((each) => each.map((pem) => `${pem.trim()}\n`).join(""));
  const trusted =
    authorities.length === 0
      ? undefined
      : new Secret(
          `${name}-trusted-certificates`,
          {
            metadata: { name: TRUSTED_SECRET, namespace, labels: commonLabels("certificate") },
            stringData: { [TRUSTED_CERTIFICATES_KEY]: bundle },
          },
          options,
        );
  return {
    name,
    parent,
    namespace: args.namespace,
    images: args.images,
    serviceAccountName: SERVICE_ACCOUNT,
    ready: [account, ...(trusted === undefined ? [] : [trusted])],
    logLevel: args.logLevel,
    metrics: args.metrics,
    proxyEnvironment: proxyEnvironment(args.proxy),
    trustedCertificates: trusted && { secretName: TRUSTED_SECRET, bundle },
    checksumSalt: secrets.checksumSalt,
  };
}

/** The parts that the arguments ask for. */
export function runningParts(args: HarborRegistryArgs): HarborPart[] {
  return [
    ...(args.exposure.type === "ingress" ? [] : (["nginx"] as const)),
    "core",
    "portal",
    "jobservice",
    "registry",
    ...(args.database.type === "internal" ? (["database"] as const) : []),
    ...(args.redis.type === "internal" ? (["redis"] as const) : []),
    ...(args.trivy === undefined ? [] : (["trivy"] as const)),
    ...(args.metrics ? (["exporter"] as const) : []),
  ];
}

/** Keeps one pod of each part that has several when nodes are emptied. */
export function addDisruptionBudgets(scope: HarborScope, args: HarborRegistryArgs): void {
  const replicas: Partial<Record<HarborPart, number>> = args.replicas;
  for (const part of runningParts(args).filter((each) => (replicas[each] ?? 1) > 1)) {
    new PodDisruptionBudget(
      `${scope.name}-${part}-budget`,
      {
        metadata: partMetadata(scope, part),
        spec: {
          minAvailable: 1,
          selector: { matchLabels: partSelector(part) },
          unhealthyPodEvictionPolicy: "AlwaysAllow",
        },
      },
      fixedName(scope),
    );
  }
}
