import type { Settings } from "./schema";

/** What works in OpenHands' settings but deserves a second look. */
export function openhandsWarnings({ openhands, images }: Settings): string[] {
  const { enabled, login, exposure, replicas, strategy, sandbox, agent } = openhands;
  if (!enabled) {
    return [];
  }
  const versions = (["openhands", "openhands-runtime"] as const).filter((name) => images.overrides[name] !== undefined);
  const when = (condition: boolean, text: string) => (condition ? [text] : []);
  return [
    ...when(
      !login.enabled && exposure.type !== "clusterIp",
      "platform:openhands.login.enabled is false: everybody who reaches OpenHands runs code in its sandboxes and reads the keys stored in it. " +
        "Leave the login on, or the exposure at clusterIp.",
    ),
    ...when(
      login.enabled && login.allowedRoles.length === 0,
      "platform:openhands.login.allowedRoles is empty: everybody with an account shares all conversations, keys and settings of OpenHands, which knows no users. " +
        "Name the roles of one group of people that trust each other.",
    ),
    ...when(
      exposure.type === "ingress" && exposure.tls.from === "none",
      "platform:openhands.exposure.tls.from is none: the cookie of the login and everything in OpenHands travel unencrypted. Use selfMade, secret or issuer.",
    ),
    ...when(
      replicas > 1,
      `platform:openhands.replicas is ${replicas}: a conversation lives in the pod that it was started in, and a browser that gets to another pod does not find it. ` +
        "Set it to 1, unless the ingress controller keeps browsers at one pod.",
    ),
    ...when(
      strategy.type === "RollingUpdate",
      "platform:openhands.strategy.type is RollingUpdate: during an update two pods write to the same state, of which the last to write a file wins. Recreate avoids that.",
    ),
    ...when(
      sandbox.privileged,
      "platform:openhands.sandbox.privileged is true: who controls a sandbox, a language model included, controls its node. Use nodes that run nothing else (sandbox.nodeLabel).",
    ),
    ...when(
      sandbox.hostAccess,
      "platform:openhands.sandbox.hostAccess is true: pods in the namespace of the sandboxes may use the network, processes and files of their node.",
    ),
    ...when(
      agent.maxConversations > sandbox.quota.pods,
      `platform:openhands.agent.maxConversations is ${agent.maxConversations}, but platform:openhands.sandbox.quota.pods lets ${sandbox.quota.pods} sandboxes run: further conversations fail to start. Raise the quota or lower the number.`,
    ),
    ...when(
      versions.length === 1,
      `platform:images.overrides has another version of ${versions[0]} only: the application and its sandboxes have to be of the same version. Override openhands and openhands-runtime together.`,
    ),
  ];
}
