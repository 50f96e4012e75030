import { type Claims, exposureClaims, namespaceClaim } from "./claim";

/** What KubeKloud claims. */
export const kubekloudClaims: Claims = ({ kubekloud: { enabled, namespace, exposure } }) => [
  namespaceClaim(["kubekloud", "namespace"], namespace, enabled),
  ...exposureClaims("kubekloud", exposure, enabled),
];
