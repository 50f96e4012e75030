/** On a Debian system in their place even when PATH leaves them out. */
const ADMINISTRATION = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The environment of the node's programs: nothing of this process's own, which may hold secrets. */
export function nodeEnvironment(): NodeJS.ProcessEnv {
  return { PATH: [process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", ...ADMINISTRATION].join(":"), LC_ALL: "C" };
}
