/**
 * Which code an OpenChecker image holds. The tag does not tell, so it is a setting of its own:
 * - `classic`: images of March and April 2025 (v0.19, v0.21). Clones go to `/app`, tokens are signed with a key in the
 *   source, SonarQube is always reached by plain `http://host:port`.
 * - `current`: newest upstream code (January 2026). Clones go to `repos_dir`, the token key is configured, the scheme
 *   of SonarQube is part of the host, logs need `/app/logs`.
 */
export type ImageGeneration = "classic" | "current";

/** Where the repositories under scan are cloned to, by the newest code. */
export const CLONE_DIRECTORY = "/tmp/repos";

/** Working directory of every image; the source is below it. */
export const APPLICATION_DIRECTORY = "/app";

/** Where the volume of the seed is mounted and the configuration is read. */
export const CONFIGURATION_DIRECTORY = "/app/config";

/** The file that the code reads at import; without it every pod crashes at once. */
export const CONFIGURATION_FILE = "config.ini";

/** User of the platform's pods; the images themselves assume root. High, so that it is nobody on the nodes. */
export const APPLICATION_USER = 10001;

/** Labels of the nodes that can run the images: they exist for one architecture only. */
export const imageNodes: Readonly<Record<string, string>> = { "kubernetes.io/arch": "amd64" };

/** Host and port to write for SonarQube, so that the code of this generation builds the right URL from them. */
export function sonarAddress(
  generation: ImageGeneration,
  sonar: { readonly scheme: "http" | "https"; readonly host: string; readonly port: number },
): { host: string; port: string } {
  return generation === "current"
    ? // A scheme in the host is used as it is and the port is then ignored; a bare name would become https.
      { host: `${sonar.scheme}://${sonar.host}:${sonar.port}`, port: String(sonar.port) }
    : { host: sonar.host, port: String(sonar.port) };
}
