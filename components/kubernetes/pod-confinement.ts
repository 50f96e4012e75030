/*
 * Conditions on pods in CEL, the language of admission policies. Each takes the expression that stands for the spec of a
 * pod and is true when the pod keeps to it.
 */

/** The containers of a pod that can have ports. */
const lastingContainers = (spec: string): string[] => [`${spec}.containers`, `${spec}.?initContainers.orValue([])`];

/** The pod uses neither network nor processes nor files of its node. */
export function leavesNodeAlone(spec: string): string {
  return (
    `!${spec}.?hostNetwork.orValue(false) && !${spec}.?hostPID.orValue(false) && ` +
    `!${spec}.?hostIPC.orValue(false) && !${spec}.?volumes.orValue([]).exists(volume, has(volume.hostPath)) && ` +
    `(${lastingContainers(spec).join(" + ")}).all(container, ` +
    "container.?ports.orValue([]).all(port, port.?hostPort.orValue(0) == 0))"
  );
}

/**
 * No container of the pod is privileged or adds capabilities.
 * @param containers expressions for the lists of containers to look at
 */
export function gainsNoPrivilege(spec: string, containers: readonly string[] = lastingContainers(spec)): string {
  return (
    `(${containers.join(" + ")}).all(container, ` +
    "!container.?securityContext.?privileged.orValue(false) && " +
    "container.?securityContext.?capabilities.?add.orValue([]).size() == 0)"
  );
}
