import { kpaasExposure } from "../composition/kpaas-addresses";
import { sonarQubeIsOwn } from "./own-names";
import type { SettingPath } from "./paths";
import type { RuleInput, Violation } from "./violation";

const at = (...keys: string[]): SettingPath => ["pipeline", ...keys];
const ENABLED = at("enabled");

/** Without it nothing sets the password of Jenkins's administrator. */
const CONFIGURATION_PLUGIN = /^configuration-as-code:/;

/** Combinations of the Pipeline suite's settings that cannot work. */
export function pipelineRules({ settings }: RuleInput): Violation[] {
  const { pipeline, kpaas, keycloak, harbor } = settings;
  const { broker, cloudFoundry, jenkins, properties } = pipeline;
  if (!pipeline.enabled) {
    return [];
  }
  const found: Violation[] = [];
  const refuse = (wrong: boolean, paths: Violation["paths"], reason: string, remedy: string) => {
    if (wrong) {
      found.push({ paths, reason, remedy });
    }
  };
  refuse(
    !kpaas.enabled,
    [ENABLED, ["kpaas", "enabled"]],
    "The suite takes its database, its logins and its addresses from K-PaaS, which is switched off.",
    "Enable kpaas, or disable pipeline.",
  );
  refuse(
    keycloak.external !== undefined,
    [ENABLED, ["keycloak", "external"]],
    "Pipeline-API looks users up as an administrator of Keycloak, and the platform knows none of an external provider.",
    "Disable pipeline, or let the platform install Keycloak.",
  );
  refuse(
    !sonarQubeIsOwn(settings),
    [ENABLED, ["sonarqube", "enabled"], ["openchecker", "enabled"], ["openchecker", "sonarqube"]],
    "The Inspection-Server of the suite is the SonarQube that the platform installs with OpenChecker, and there is none.",
    "Enable openchecker and sonarqube without an external one, or disable pipeline.",
  );
  refuse(
    harbor.external !== undefined && pipeline.registryAdministrator === undefined,
    [at("registryAdministrator"), ["harbor", "external"]],
    "Pipeline-API makes projects and users at the registry, and nobody knows a login that may.",
    "Set registryAdministrator.",
  );
  refuse(
    jenkins.plugins.from === "updateSite" && !jenkins.plugins.list.some((each) => CONFIGURATION_PLUGIN.test(each)),
    [at("jenkins", "plugins", "list")],
    "Without the plugin configuration-as-code Jenkins would ask nobody for a login.",
    "Add it with its version, or take the plugins from the image.",
  );
  refuse(
    pipeline.internalNodePorts && kpaasExposure(kpaas) !== "nodePort",
    [at("internalNodePorts"), ["kpaas", "exposure"]],
    "With an ingress nothing is at ports of the nodes.",
    "Set internalNodePorts to false, or the exposure nodePort.",
  );
  refuse(
    pipeline.internalNodePorts && jenkins.access === "open",
    [at("internalNodePorts"), at("jenkins", "access")],
    "Everybody who reaches a node could run anything in Jenkins.",
    "Set access to login, or internalNodePorts to false.",
  );
  refuse(
    broker.enabled && broker.exposure === undefined,
    [at("broker", "exposure"), at("broker", "enabled")],
    "A Cloud Foundry is to call the broker, and nobody knows from where.",
    "Set exposure: nodePort, or clusterIp with the namespace and the labels of its cloud controller.",
  );
  refuse(
    broker.enabled && cloudFoundry === undefined,
    [at("cloudFoundry"), at("broker", "enabled")],
    "The broker calls the API of its Cloud Foundry, and nobody knows where that is.",
    "Set cloudFoundry, or switch the broker off.",
  );
  const names = properties.map(({ value: _, ...name }) => JSON.stringify(Object.values(name)));
  refuse(
    new Set(names).size < names.length,
    [at("properties")],
    "Two rows have the same service instance, label, application, profile and key.",
    "Leave one of them out.",
  );
  return found;
}
