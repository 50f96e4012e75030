import { type Claims, exposureClaims, namespaceClaim } from "./claim";

/** What OpenChecker, its broker and its proxies claim. */
export const opencheckerClaims: Claims = ({ openchecker, rabbitmq }) => {
  const { enabled, compassProxies, exposure, namespace } = openchecker;
  const proxies = Object.entries(compassProxies.proxies);
  const at = (...keys: (string | number)[]) => ["openchecker", "compassProxies", ...keys];
  return [
    namespaceClaim(["openchecker", "namespace"], namespace, enabled),
    namespaceClaim(["rabbitmq", "namespace"], rabbitmq.namespace, enabled && rabbitmq.external === undefined),
    namespaceClaim(at("namespace"), compassProxies.namespace, compassProxies.enabled),
    ...exposureClaims("openchecker", exposure, enabled),
    ...proxies.flatMap(([name, { hosts }]) =>
      hosts.map(({ host }, index) => ({
        kind: "host" as const,
        path: at("proxies", name, "hosts", index, "host"),
        name: host,
        used: compassProxies.enabled,
      })),
    ),
  ];
};
