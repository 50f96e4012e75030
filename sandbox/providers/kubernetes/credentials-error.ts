/** Which login of a kubeconfig is meant. */
export interface Login {
  readonly context: string;
  readonly cluster: string;
  readonly server: string;
  readonly user: string;
  /** Program that the kubeconfig runs to log in, if any. */
  readonly program?: string;
}

/** Enough of what a program printed to see what it wants. */
const mostCharacters = 400;

/** Why the login of a kubeconfig cannot be had, and what to do. */
export function explainCredentials(error: unknown, login: Login): string {
  const { code, path, syscall, message } = error as NodeJS.ErrnoException;
  const begin = `The kubeconfig's login "${login.user}" (${place(login)}) cannot be used:`;
  if (login.program !== undefined && syscall?.startsWith("spawn")) {
    const why = code === "ENOENT" ? "is not installed, or not on the PATH" : `cannot be started (${code})`;
    return (
      `${begin} the program "${login.program}", which it runs to log in, ${why}. Install it and try it by itself, or ` +
      "choose a context with another login."
    );
  }
  if (path !== undefined && (code === "ENOENT" || code === "EACCES" || code === "EISDIR")) {
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    return (
      `${begin} the file ${path}, which the kubeconfig names, ${why}. Correct the path (a relative one counts from the ` +
      "kubeconfig's folder), or fetch the kubeconfig again."
    );
  }
  if (login.program !== undefined) {
    const said = message.trim().slice(0, mostCharacters);
    return `${begin} the program "${login.program}" failed${said === "" ? "" : `: ${said}`}. Log in with it, then try again.`;
  }
  return `${begin} ${message}. Fetch the kubeconfig again.`;
}

/** What a server's refusal of the login itself means. */
export function explainUnauthorized(login: Omit<Login, "program">): string {
  return (
    `The API server ${login.server} (context "${login.context}", cluster "${login.cluster}") does not accept the login ` +
    `"${login.user}": Unauthorized. It has expired, or belongs to another cluster: log in again, fetch the kubeconfig ` +
    `anew, or choose another context. \`kubectl --context ${login.context} auth whoami\` tells whether it works.`
  );
}

/** The next step after a connection that failed, as far as the error tells. */
export function connectionAdvice({ code, message }: { readonly code?: string; readonly message: string }): string {
  if (/PEM routines|asn1|bad decrypt|no start line/i.test(message)) {
    return "The certificate or key of the kubeconfig's login is damaged: fetch the kubeconfig again.";
  }
  if (/self[- ]signed|unable to (verify|get)|UNABLE_TO_VERIFY/i.test(`${code} ${message}`)) {
    return (
      "The kubeconfig's certificate-authority is not the one of this server: fetch the kubeconfig again, or check that " +
      "the address leads to the cluster and not to a proxy."
    );
  }
  if (/certificate has expired|CERT_HAS_EXPIRED/i.test(`${code} ${message}`)) {
    return "The server's certificate has expired: it must be renewed on the cluster. Check this machine's clock as well.";
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return "This machine does not find the name: check it, the DNS and the VPN.";
  }
  return "Check that the cluster runs and that the context is the right one.";
}

function place({ context, cluster, server }: Login): string {
  return `context "${context}", cluster "${cluster}", ${server}`;
}
