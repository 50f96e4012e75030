import { applicationFacts, type PortalApplication } from "./portal-applications";

/** A path of the portal's host that leads to an application, which sees addresses without it. */
export interface RewrittenRoute {
  readonly application: PortalApplication;
  /** Regular expression as ingress-nginx takes it, with the rest of the address as its second group. */
  readonly path: string;
}

/** What ingress-nginx makes of an address that one of the routes matches. */
export const REWRITE_TARGET = "/$2";

/**
 * The routes of the applications that browsers call, longest first. `(/|$)` takes the bare path too, which would
 * otherwise fall to the UI, but not another word that starts with it. The UI is not among them: it has `/`, in an
 * Ingress of its own, because the rewriting of one Ingress applies to all of its paths.
 */
export function rewrittenRoutes(applications: readonly PortalApplication[]): RewrittenRoute[] {
  return applications
    .flatMap((application) => {
      const { path = "/" } = applicationFacts[application];
      return path === "/" ? [] : [{ application, path: `${path}(/|$)(.*)` }];
    })
    .sort((left, right) => right.path.length - left.path.length || (left.path < right.path ? -1 : 1));
}
