import { MISLEADING_WORD } from "../../components/data/postgres-url";
import { CONNECTIONS_PER_POD, tenantNamespaces } from "../../components/kubekloud/objects";
import { quantityValue } from "../../components/kubernetes/quantity";
import { ownNamespaces } from "./own-names";
import type { SettingPath } from "./paths";
import type { RuleInput, Violation } from "./violation";

/** Connections besides those of the API: PostgreSQL's reserve, the Jobs, an exporter, an administrator. */
const OTHER_CONNECTIONS = 10;

const at = (...keys: string[]): SettingPath => ["kubekloud", ...keys];

/** Combinations of KubeKloud's settings that cannot work. */
export function kubekloudRules(input: RuleInput): Violation[] {
  return input.settings.kubekloud.enabled
    ? [
        registryRules,
        scalingRules,
        connectionRules,
        namespaceRules,
        administrationRules,
        databaseRules,
        tenantRules,
      ].flatMap((rule) => rule(input))
    : [];
}

function registryRules({ settings: { harbor, kubekloud } }: RuleInput): Violation[] {
  const [project = "", ...repository] = kubekloud.image.repository.split("/");
  if (!harbor.enabled) {
    return [
      {
        paths: [at("enabled"), ["harbor", "enabled"]],
        reason: "The API's image comes from the registry of the section harbor, which is switched off.",
        remedy: "Enable harbor, with `external` if somebody else runs the registry, or disable kubekloud.",
      },
    ];
  }
  if (repository.length === 0 || /[.:]/.test(project)) {
    return [
      {
        paths: [at("image", "repository")],
        reason: "The repository has to begin with a project of Harbor; the registry's host is put in front by itself.",
        remedy: "Write <project>/<repository>, for example kubekloud/api.",
      },
    ];
  }
  return harbor.external === undefined && !Object.keys(harbor.projects).includes(project)
    ? [
        {
          paths: [at("image", "repository"), ["harbor", "projects"]],
          reason: "The image lies in a project that Harbor does not get.",
          remedy: "Add the project to platform:harbor.projects, or correct the repository.",
        },
      ]
    : [];
}

function scalingRules({ settings: { kubekloud } }: RuleInput): Violation[] {
  const { scaling } = kubekloud;
  return scaling.type === "utilization" && scaling.minReplicas > scaling.maxReplicas
    ? [
        {
          paths: [at("scaling", "minReplicas"), at("scaling", "maxReplicas")],
          reason: "The fewest pods are more than the most.",
          remedy: "Lower minReplicas or raise maxReplicas.",
        },
      ]
    : [];
}

function connectionRules({ settings: { kubekloud } }: RuleInput): Violation[] {
  const { scaling, database } = kubekloud;
  const [key, most]: [string, number] =
    scaling.type === "fixed" ? ["replicas", scaling.replicas] : ["maxReplicas", scaling.maxReplicas];
  // One more while a new version rolls out.
  const needed = (most + 1) * CONNECTIONS_PER_POD + OTHER_CONNECTIONS;
  return database.external === undefined && needed > database.maxConnections
    ? [
        {
          paths: [at("database", "maxConnections"), at("scaling", key)],
          reason:
            `So many pods may open ${needed} connections (${CONNECTIONS_PER_POD} for each and one more pod during an ` +
            `update, ${OTHER_CONNECTIONS} for others), and the server takes fewer.`,
          remedy: `Set maxConnections to ${needed} or more, or allow fewer pods.`,
        },
      ]
    : [];
}

/** The API deletes namespaces with such names; the platform's own must never be among them. */
function namespaceRules({ settings }: RuleInput): Violation[] {
  return ownNamespaces(settings)
    .filter(({ name }) => name.endsWith(tenantNamespaces.suffix))
    .map(({ path }) => ({
      paths: [path],
      reason: `Namespaces whose names end in ${tenantNamespaces.suffix} are those of KubeKloud's tenants, which the API makes and deletes.`,
      remedy: "Choose another name.",
    }));
}

const isEverybody = (range: string): boolean => range.endsWith("/0");

function administrationRules({ settings: { cluster, kubekloud } }: RuleInput): Violation[] {
  const { exposure, userAdministration } = kubekloud;
  const byAddress = userAdministration.allowedSources.length > 0;
  const found: Violation[] = [];
  if (!userAdministration.open && exposure.type === "loadBalancer" && opensToAll(exposure.allowedSources)) {
    found.push({
      paths: [at("exposure", "allowedSources"), at("userAdministration", "open")],
      reason:
        "A load balancer cannot close the user administration, which asks for no login, so it has to be closed as a whole.",
      remedy:
        "Set exposure.allowedSources to less than everybody, use an exposure of the type ingress, or set userAdministration.open to true.",
    });
  }
  if (!userAdministration.open && exposure.type === "nodePort") {
    found.push({
      paths: [at("exposure", "type"), at("userAdministration", "open")],
      reason: "A node port cannot close the user administration, which asks for no login.",
      remedy: "Use an exposure of the type ingress or loadBalancer, or set userAdministration.open to true.",
    });
  }
  if (byAddress && (userAdministration.open || exposure.type !== "ingress")) {
    found.push({
      paths: [
        at("userAdministration", "allowedSources"),
        at(...(userAdministration.open ? ["userAdministration", "open"] : ["exposure", "type"])),
      ],
      reason:
        "Only an ingress tells the paths of the user administration from the others, and only while they are closed.",
      remedy: "Remove allowedSources, or use an exposure of the type ingress with userAdministration.open false.",
    });
  } else if (userAdministration.allowedSources.some(isEverybody)) {
    found.push({
      paths: [at("userAdministration", "allowedSources")],
      reason: "A range of everybody opens the user administration, which asks for no login.",
      remedy: "Name the ranges of administrators only, or set userAdministration.open to true.",
    });
  } else if (byAddress && !cluster.ingress.className.includes("nginx")) {
    found.push({
      paths: [at("userAdministration", "allowedSources"), ["cluster", "ingress", "className"]],
      reason:
        "Only ingress-nginx reads the annotations that keep all others away, and the name of the class does not look like it.",
      remedy:
        "Remove allowedSources: administrators then use kubectl port-forward. Or set userAdministration.open to true, where the controller closes the paths by means of its own.",
    });
  }
  return found;
}

function opensToAll(allowedSources: readonly string[] = []): boolean {
  return allowedSources.length === 0 || allowedSources.some(isEverybody);
}

function databaseRules({ settings: { kubekloud } }: RuleInput): Violation[] {
  const { external } = kubekloud.database;
  if (external === undefined) {
    return [];
  }
  const found: Violation[] = [];
  const verified = external.sslmode === "verify-full";
  const authorityPaths = [
    at("database", "external", "sslmode"),
    at("database", "external", "certificateAuthority"),
  ] as const;
  if (verified && external.certificateAuthority === undefined) {
    found.push({
      paths: authorityPaths,
      reason: "The certificate is to be checked, and the client in the image knows no authority by itself.",
      remedy:
        "Set certificateAuthority to the PEM of the authority, a public one included, or sslmode to require, which encrypts without a check.",
    });
  }
  if (!verified && external.certificateAuthority !== undefined) {
    found.push({
      paths: authorityPaths,
      reason: "The certificate is looked at with verify-full only.",
      remedy: "Set sslmode to verify-full, or remove the authority.",
    });
  }
  for (const key of ["host", "database"] as const) {
    if (external[key].includes(MISLEADING_WORD)) {
      found.push({
        paths: [at("database", "external", key)],
        reason: `The application looks for the word ${MISLEADING_WORD} in the whole URL of the database and then takes the server for SQLite.`,
        remedy: "Use another name; for a host, a DNS alias or its IP address will do.",
      });
    }
  }
  return found;
}

function tenantRules({ settings: { kubekloud } }: RuleInput): Violation[] {
  const { quota, containerDefaults } = kubekloud.tenants;
  return (["cpu", "memory"] as const)
    .filter((key) => quantityValue(containerDefaults[key]) > quantityValue(quota[key]))
    .map((key) => ({
      paths: [at("tenants", "containerDefaults", key), at("tenants", "quota", key)],
      reason: "One container would get more than its whole namespace may use.",
      remedy: "Lower the default or raise the quota.",
    }));
}
