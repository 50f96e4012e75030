const PREFIX = "nginx.ingress.kubernetes.io/proxy-";

/** Annotations of ingress-nginx that size the buffers between it and a server. They only work as a set. */
const keys = {
  size: `${PREFIX}buffer-size`,
  number: `${PREFIX}buffers-number`,
  busy: `${PREFIX}busy-buffers-size`,
} as const;

/** Buffers of a connection unless a site has another number; ingress-nginx's own default. */
const NUMBER = 4;

/**
 * Completes the set: who makes one buffer larger has to say how much of all of them may be busy with the client.
 * Releases of ingress-nginx that know the third annotation fill in 8 KiB, which nginx then refuses, and with it every
 * later change of any Ingress of the cluster. Values that are given stay.
 */
export function withProxyBuffers(annotations: Readonly<Record<string, string>>): Record<string, string> {
  const { [keys.size]: size, [keys.busy]: busy, [keys.number]: number = String(NUMBER) } = annotations;
  const [, digits, unit] = /^(\d+)([km]?)$/i.exec(size ?? "") ?? [];
  if (digits === undefined || busy !== undefined) {
    return { ...annotations };
  }
  // Twice the buffer is what nginx takes by itself; with few buffers there is room for one only.
  const share = Number(number) >= NUMBER ? 2 : 1;
  return { ...annotations, [keys.number]: number, [keys.busy]: `${Number(digits) * share}${unit}` };
}
