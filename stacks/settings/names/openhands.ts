import { type Claims, exposureClaims, namespaceClaim } from "./claim";

/** What OpenHands claims. */
export const openhandsClaims: Claims = ({ openhands: { enabled, namespace, sandboxNamespace, exposure } }) => [
  namespaceClaim(["openhands", "namespace"], namespace, enabled),
  namespaceClaim(["openhands", "sandboxNamespace"], sandboxNamespace, enabled),
  ...exposureClaims("openhands", exposure, enabled),
];
