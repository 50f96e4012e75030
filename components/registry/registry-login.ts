/**
 * What the key `.dockerconfigjson` of a pull secret holds.
 * @param host host and port exactly as the image references begin
 */
export function dockerConfigJson(host: string, username: string, password: string): string {
  const auth = Buffer.from(`${username}:${password}`, "utf8").toString("base64");
  return JSON.stringify({ auths: { [host]: { username, password, auth } } });
}

/** Prefix of the user names of robots, Harbor's default. */
export const ROBOT_PREFIX = "robot$";

/** User name of a project's robot. Keep the `$` away from shells. */
export function robotUsername(project: string, robot: string): string {
  return `${ROBOT_PREFIX}${project}+${robot}`;
}
