import type { ConfigurationFacts } from "../../components/openchecker/configuration";
import type { AgentFacts, SandboxFacts, SandboxPlace } from "../../components/openhands/configuration";

/** Gives every section and key of OpenChecker's file. */
export const everyOpenCheckerKey: ConfigurationFacts = {
  generation: "classic",
  broker: { host: "h", port: 1, username: "u", password: "p" },
};

/** Gives every key that the settings can put into OpenHands' file. */
export const everySandboxKey: [AgentFacts, SandboxFacts, SandboxPlace] = [
  { name: "a", maxIterations: 1, maxBudget: 1, maxConversations: 1, conversationDays: 1, browser: true },
  {
    resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } },
    workspace: { size: "1Gi", class: "c" },
    closeDelaySeconds: 1,
    keepAlive: true,
    timeoutSeconds: 1,
    environment: { A: "a" },
    nodeLabel: { key: "k", value: "v" },
    tolerations: [{ key: "k" }],
    editorDomain: "e.example.org",
    privileged: false,
  },
  { namespace: "n", image: "i", pullSecret: "p", tlsSecret: "t" },
];
