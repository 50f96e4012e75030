import type { Connection, Endpoint } from "../contracts";
import { privateRanges } from "../kubernetes/address-range";
import { applicationWorkload } from "./kpaas-application";
import { applicationFacts, type PortalApplication, portalApplications, type Server } from "./portal-applications";
import { pick } from "./portal-credentials";
import type { PortalSuiteArgs } from "./portal-suite-args";

/** What the installed applications open, by the tables of what each calls. */
export function portalConnections(args: PortalSuiteArgs, installed: readonly PortalApplication[]): Connection[] {
  const workload = (application: PortalApplication) => applicationWorkload(application, args.namespace.plainName);
  return installed.flatMap((application) => {
    const from = workload(application);
    const called = [...applicationFacts[application].calls, ...(args.profile.calls[application] ?? [])];
    return called.flatMap((callee): Connection[] => {
      if (!isApplication(callee)) {
        return endpointsOf(args, application, callee).map((to) => ({ from, to, ports: to.ports }));
      }
      return installed.includes(callee) ? [{ from, to: workload(callee), ports: [applicationFacts[callee].port] }] : [];
    });
  });
}

function endpointsOf(args: PortalSuiteArgs, application: PortalApplication, server: Server): readonly Endpoint[] {
  switch (server) {
    case "chaosDashboard":
      return listed(args.chaos?.dashboard);
    case "charts":
      return [...listed(args.charts), ...listed(args.charts && args.chartsFront)];
    case "clusters":
      return args.clusters;
    case "database":
      return listed(pick(args.databases, application));
    case "internet":
      return args.catalog?.internet === true ? [internet] : [];
    case "keycloak":
      return [args.identity.client, ...listed(args.node)]; // who logs people in calls public addresses
    case "machines":
      return listed(args.terraman?.machines);
    case "vault":
      return listed(pick(args.vaults, application));
  }
}

const internet: Endpoint = {
  system: "Chart repositories on the Internet",
  ports: [80, 443],
  peer: { cidrs: ["0.0.0.0/0"], except: privateRanges },
};

function listed(endpoint: Endpoint | undefined): Endpoint[] {
  return endpoint === undefined ? [] : [endpoint];
}

function isApplication(callee: PortalApplication | Server): callee is PortalApplication {
  return (portalApplications as readonly string[]).includes(callee);
}
