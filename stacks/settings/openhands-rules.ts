import { contains } from "../../components/kubernetes/address-range";
import { quantityValue } from "../../components/kubernetes/quantity";
import { ownHosts } from "./own-names";
import type { SettingPath } from "./paths";
import type { RuleInput, Violation } from "./violation";

const at = (...keys: (string | number)[]): SettingPath => ["openhands", ...keys];

/** Combinations of OpenHands' settings that cannot work. */
export function openhandsRules(input: RuleInput): Violation[] {
  return input.settings.openhands.enabled
    ? [rolloutRules, loginRules, registryRules, sandboxRules, egressRules, editorRules].flatMap((rule) => rule(input))
    : [];
}

function rolloutRules({ settings: { openhands } }: RuleInput): Violation[] {
  const { replicas, strategy, storage } = openhands;
  const oneNode = storage.accessMode === "ReadWriteOnce";
  const found: Violation[] = [];
  if (oneNode && replicas > 1) {
    found.push({
      paths: [at("replicas"), at("storage", "accessMode")],
      reason: "Several pods need the volume of the state at the same time, and only one node can mount it.",
      remedy: "Set replicas to 1, or storage.accessMode to ReadWriteMany with a class that offers it.",
    });
  }
  if (oneNode && strategy.type === "RollingUpdate") {
    found.push({
      paths: [at("strategy", "type"), at("storage", "accessMode")],
      reason: "A rolling update starts the new pod while the old one holds the volume, and then waits for ever.",
      remedy: "Set strategy.type to Recreate, or storage.accessMode to ReadWriteMany with a class that offers it.",
    });
  }
  if (strategy.type === "RollingUpdate" && strategy.maxUnavailable === 0 && strategy.maxSurge === 0) {
    found.push({
      paths: [at("strategy", "maxUnavailable"), at("strategy", "maxSurge")],
      reason: "With neither a pod too few nor a pod too many nothing can ever be replaced.",
      remedy: "Set one of them to 1 or more.",
    });
  }
  return found;
}

function loginRules({ settings: { openhands, keycloak, kpaas } }: RuleInput): Violation[] {
  const { login, exposure, url } = openhands;
  const { external } = keycloak;
  if (!login.enabled) {
    return [];
  }
  const found: Violation[] = [];
  if (!keycloak.enabled || (external === undefined && !kpaas.enabled)) {
    found.push({
      paths: [at("login", "enabled"), ["keycloak", "enabled"], ["kpaas", "enabled"]],
      reason: "People are to log in through the platform's identity provider, and there is none.",
      remedy:
        "Enable kpaas and keycloak, or name a provider that somebody else runs in keycloak.external, or set openhands.login.enabled to false.",
    });
  }
  if (external !== undefined && external.clients.openhands === undefined) {
    found.push({
      paths: [["keycloak", "external", "clients", "openhands"], at("login", "enabled")],
      reason: "People are to log in there, and the external provider has no client for it.",
      remedy: "Name the id and the secret of a client that was made there, with the address <url>/oauth2/callback.",
    });
  }
  if (exposure.type !== "ingress" && url === undefined) {
    found.push({
      paths: [at("url"), at("exposure", "type"), at("login", "enabled")],
      reason: "After the login people are sent back to the application, and nothing says under which address.",
      remedy: "Set url, or use an exposure of the type ingress.",
    });
  }
  return found;
}

function registryRules({ settings: { openhands, harbor, images } }: RuleInput): Violation[] {
  const { registryProject } = openhands;
  if (registryProject === undefined) {
    return images.pullSecrets.length <= 1
      ? []
      : [
          {
            paths: [["images", "pullSecrets"], at("enabled")],
            reason: "OpenHands can name only one Secret for the image of its sandboxes.",
            remedy: "Put all logins into one Secret: it can hold those of several registries.",
          },
        ];
  }
  if (!harbor.enabled) {
    return [
      {
        paths: [at("registryProject"), ["harbor", "enabled"]],
        reason: "The images come from the registry of the section harbor, which is switched off.",
        remedy: "Enable harbor, with `external` if somebody else runs the registry, or remove registryProject.",
      },
    ];
  }
  return harbor.external === undefined && !Object.keys(harbor.projects).includes(registryProject)
    ? [
        {
          paths: [at("registryProject"), ["harbor", "projects"]],
          reason: "The images lie in a project that Harbor does not get.",
          remedy: "Add the project to platform:harbor.projects, or correct the name.",
        },
      ]
    : [];
}

/** A quota that holds not even one sandbox would refuse every conversation. */
function sandboxRules({ settings: { openhands } }: RuleInput): Violation[] {
  const { quota, resources, workspace } = openhands.sandbox;
  const needs: { needed: string; path: SettingPath; key: "cpu" | "memory" | "storage" }[] = [
    { needed: resources.limits.cpu, path: at("sandbox", "resources", "limits", "cpu"), key: "cpu" },
    { needed: resources.limits.memory, path: at("sandbox", "resources", "limits", "memory"), key: "memory" },
    { needed: workspace.size, path: at("sandbox", "workspace", "size"), key: "storage" },
  ];
  return needs
    .filter(({ needed, key }) => quantityValue(needed) > quantityValue(quota[key]))
    .map(({ path, key }) => ({
      paths: [path, at("sandbox", "quota", key)],
      reason: "One sandbox would need more than all of them may use together.",
      remedy: "Lower what a sandbox gets, or raise the quota.",
    }));
}

/** Network policies count the addresses of pods: a range of the cluster would open more than the one system meant. */
function egressRules({ settings: { openhands, cluster } }: RuleInput): Violation[] {
  const inside = [...cluster.podCidrs, ...cluster.serviceCidrs];
  const lists = [
    { path: at("egress"), servers: openhands.egress },
    { path: at("sandbox", "egress"), servers: openhands.sandbox.egress },
  ];
  return lists.flatMap(({ path, servers }) =>
    servers.flatMap(({ cidrs }, index) =>
      cidrs
        .filter((range) => inside.some((each) => contains(each, range)))
        .map(
          (): Violation => ({
            paths: [[...path, index, "cidrs"]],
            reason: "The range belongs to the pods or Services of the cluster, which code of an agent must not reach.",
            remedy: "Name servers outside the cluster; what is inside is reached through its public address.",
          }),
        ),
    ),
  );
}

/** Sandboxes may claim every host of one label below the domain. */
function editorRules({ settings }: RuleInput): Violation[] {
  const domain = settings.openhands.sandbox.editor?.domain;
  if (domain === undefined) {
    return [];
  }
  return ownHosts(settings)
    .filter(({ host }) => host.slice(host.indexOf(".") + 1) === domain)
    .map(({ path }) => ({
      paths: [at("sandbox", "editor", "domain"), path],
      reason: "The host lies right below the domain of the editors, where every sandbox may claim any name.",
      remedy: "Give the editors a domain of their own.",
    }));
}
