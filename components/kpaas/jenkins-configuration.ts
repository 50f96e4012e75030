import type * as pulumi from "@pulumi/pulumi";
import type { SonarToken } from "../contracts";
import { stableJson } from "../kubernetes/checksum";

/** Who may do what in Jenkins: `login` asks everybody for the administrator's login, `open` asks nobody. */
export type JenkinsAccess = "login" | "open";

/** Files of Jenkins's Secret, which the configuration names and the plugin replaces. */
export const jenkinsSecrets = {
  password: "CI_ADMIN_PASSWORD",
  registryPassword: "REGISTRY_PASSWORD",
  registryUsername: "REGISTRY_USERNAME",
  sonarToken: "SONAR_TOKEN",
} as const;

export interface JenkinsFacts {
  readonly access: JenkinsAccess;
  /** Name of the administrator. */
  readonly administrator: string;
  /** Builds that run at a time, all in the one pod. */
  readonly executors: number;
  /** Address of Jenkins, with scheme. */
  readonly url: string;
  /** Host of the registry, with its port. */
  readonly registryHost: string;
  /** `host:port` of SonarQube, without a scheme. */
  readonly sonarAddress: string;
  /** There is an analysis token for SonarQube. */
  readonly sonarToken: boolean;
}

/** How the configuration writes "the content of this file of the Secret". */
const secret = (file: string) => `\${${file}}`;

/**
 * The file that the plugin Configuration as Code reads: JSON, which is YAML too. It names secrets and holds none. What
 * it says is set again at every start; what it does not mention people may change.
 */
export function jenkinsConfiguration(facts: JenkinsFacts): string {
  const credentials = [
    {
      usernamePassword: {
        scope: "GLOBAL",
        id: "harbor",
        description: "Pushes images to the registry",
        username: secret(jenkinsSecrets.registryUsername),
        password: secret(jenkinsSecrets.registryPassword),
      },
    },
    ...(facts.sonarToken
      ? [
          {
            string: {
              scope: "GLOBAL",
              id: "sonarqube",
              description: "Analysis token for SonarQube",
              secret: secret(jenkinsSecrets.sonarToken),
            },
          },
        ]
      : []),
  ];
  // Builds get JENKINS_URL from Jenkins itself, with its scheme.
  const { JENKINS_URL: _, ...addresses } = jenkinsVariables(facts);
  const variables = Object.entries(addresses).map(([key, value]) => ({ key, value }));
  return `${stableJson(
    {
      jenkins: {
        authorizationStrategy:
          facts.access === "open" ? "unsecured" : { loggedInUsersCanDoAnything: { allowAnonymousRead: false } },
        crumbIssuer: { standard: { excludeClientIPFromCrumb: true } }, // pods of Pipeline-API change their addresses
        globalNodeProperties: [{ envVars: { env: variables } }],
        numExecutors: facts.executors,
        securityRealm: {
          local: {
            allowsSignup: false,
            users: [{ id: facts.administrator, password: secret(jenkinsSecrets.password) }],
          },
        },
      },
      credentials: { system: { domainCredentials: [{ credentials }] } },
      unclassified: { location: { url: `${facts.url}/` } },
    },
    2,
  )}\n`;
}

export type JenkinsVariables = Readonly<Record<"HARBOR_URL" | "JENKINS_URL" | "SONARQUBE_URL", string>>;

/** Variables of the container that upstream gives it, and that builds see. Upstream writes the addresses without a scheme. */
export function jenkinsVariables({ registryHost, sonarAddress, url }: JenkinsFacts): JenkinsVariables {
  return { HARBOR_URL: registryHost, JENKINS_URL: url.replace(/^https?:\/\//, ""), SONARQUBE_URL: sonarAddress };
}

/** The analysis token as the content of Jenkins's Secret, where the platform knows its value. */
export function sonarTokenValue(token: SonarToken | undefined): Record<string, pulumi.Output<string>> {
  return token?.kind === "value" ? { [jenkinsSecrets.sonarToken]: token.value } : {};
}
