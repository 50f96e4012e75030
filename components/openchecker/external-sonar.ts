import * as pulumi from "@pulumi/pulumi";
import type { SonarEndpoint } from "../contracts";

export interface ExternalSonar {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  /** Address ranges of the server, for the network policies. */
  readonly cidrs: readonly string[];
  readonly username: string;
  /** Secret. */
  readonly password: pulumi.Input<string>;
  /** Secret. */
  readonly token: pulumi.Input<string>;
}

/** The contract for a SonarQube server that somebody else runs. */
export function externalSonar({ cidrs, host, password, token, ...sonar }: ExternalSonar): SonarEndpoint {
  return {
    ...sonar,
    system: "SonarQube",
    ports: [sonar.port],
    peer: { cidrs },
    host,
    password: pulumi.secret(password),
    token: { kind: "value", value: pulumi.secret(token) },
    ready: [],
  };
}
