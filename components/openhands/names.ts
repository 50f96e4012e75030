import type { PodLabels } from "../contracts";
import { selectorLabels } from "../kubernetes/labels";

/** Names of the objects in the namespace of the application. */
export const applicationObjects = {
  /** Deployment, Service, ServiceAccount, ConfigMap and PodDisruptionBudget. */
  application: "openhands",
  ingress: "openhands",
  /** The application's own secrets. */
  secret: "openhands-secret",
  /** What the first conversation needs to know about the language model. */
  languageModel: "openhands-language-model",
  claim: "openhands-state",
  login: "openhands-login",
  /** Takes the token from the default account of the sandboxes. */
  sandboxAccount: "openhands-sandbox-account",
} as const;

/** Names of the objects in the namespace of the sandboxes. */
export const sandboxObjects = {
  /** Role and binding of the application. */
  access: "openhands-runtime",
  quota: "openhands-sandbox-quota",
  limits: "openhands-sandbox-limits",
  network: "openhands-sandbox",
  certificate: "openhands-sandbox-tls",
  /** Role and binding of the Job that changes the default account. */
  account: "openhands-sandbox-account",
} as const;

/** Secret with the registry's login, in both namespaces. */
export const PULL_SECRET = "harbor-regcred";

/** Admission policy of the sandboxes, which like all of its kind belongs to no namespace. */
export const CONFINEMENT = "openhands-sandbox-confinement";

/** The application's image listens here and nowhere else. */
export const APPLICATION_PORT = 3000;

/** Port of the application's Service (seed). */
export const SERVICE_PORT = 8099;

/** Where a sandbox takes the application's commands, without any login. The application fixes it. */
export const EXECUTION_PORT = 8080;

/** Where a sandbox serves its editor to a browser. The application fixes it. */
export const EDITOR_PORT = 8081;

/** Label that the application gives to every sandbox. */
export const sandboxPodLabels: PodLabels = { app: "openhands-runtime" };

/** Labels that select the application's pods. */
export const applicationPodLabels = selectorLabels({ system: "openhands", instance: applicationObjects.application });

/** Directory of the state: settings, conversations, keys and the SQLite file. */
export const STATE_DIRECTORY = "/.openhands";
