import { stableJson } from "../kubernetes/checksum";

/** A system that has analyses made. */
export interface SonarConsumer {
  /** User that it logs in as: makes projects and runs analyses, and administers nothing. */
  readonly username: string;
  /** Name that people see. */
  readonly displayName: string;
  /** Life of its analysis token in days. @default none, it lives until somebody revokes it */
  readonly tokenDays?: number | undefined;
  /** Secret that gets the token. */
  readonly secret: { readonly namespace: string; readonly name: string };
}

/** Key of the token in the Secret of a consumer. */
export const TOKEN_KEY = "token";

/** What everybody who may analyse needs. */
const PERMISSIONS = ["provisioning", "scan"];

/** File name of a consumer's password. */
export function passwordFile(username: string): string {
  return `user.${username}`;
}

/**
 * The file that the script `sonarqube_bootstrap.py` reads; it holds no secret.
 * @param publicUrl address that the server writes into links. @default none
 * @param settings settings of the server, which win
 */
export function desiredState(
  consumers: readonly SonarConsumer[],
  publicUrl: string | undefined,
  settings: Readonly<Record<string, string>>,
): string {
  return stableJson(
    {
      settings: {
        ...(publicUrl !== undefined && { "sonar.core.serverBaseURL": publicUrl }),
        ...settings,
      },
      consumers: consumers.map(({ username, displayName, tokenDays, secret }) => ({
        username,
        displayName,
        permissions: PERMISSIONS,
        tokenDays: tokenDays ?? null,
        secret: { ...secret, key: TOKEN_KEY },
      })),
    },
    2,
  );
}
