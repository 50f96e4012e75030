import * as fc from "fast-check";
import { portalApplications } from "../../components/kpaas/portal-applications";
import { REWRITE_TARGET, rewrittenRoutes } from "../../components/kpaas/portal-routes";
import { wholeSuite } from "../support/portal-suite";
import { find } from "../support/render-settings";

interface Location {
  readonly path: string;
  readonly service: string;
  readonly rewrite?: string;
}

/**
 * ingress-nginx, as its documentation says: once an Ingress of a host has regular expressions, all paths of the host
 * are taken as ones that are anchored at the start and ignore case, the longest text first; the first match wins.
 */
function answer(locations: readonly Location[], address: string): { service: string; address: string } | undefined {
  const ordered = [...locations].sort((left, right) => right.path.length - left.path.length);
  for (const { path, service, rewrite } of ordered) {
    const match = new RegExp(`^${path}`, "i").exec(address);
    if (match !== null) {
      const target = rewrite?.replaceAll(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? "");
      return { service, address: target ?? address };
    }
  }
  return undefined;
}

/** The locations of all Ingress objects of the portal's host. */
async function locations(): Promise<Location[]> {
  const { manifests } = await wholeSuite("v1.6.0");
  return ["cp-portal-ui-ingress", "cp-portal-api-ingress"].flatMap((name) => {
    const { metadata, spec } = find(manifests, "Ingress", name) as unknown as {
      metadata: { annotations: Record<string, string> };
      spec: { rules: { http: { paths: { path: string; backend: { service: { name: string } } }[] } }[] };
    };
    const rewrite = metadata.annotations["nginx.ingress.kubernetes.io/rewrite-target"];
    return (spec.rules[0]?.http.paths ?? []).map(({ path, backend }) => ({
      path,
      service: backend.service.name,
      ...(rewrite !== undefined && { rewrite }),
    }));
  });
}

const services = {
  "/cpapi": "cp-portal-api-service",
  "/cpcatalog": "cp-portal-catalog-api-service",
  "/cpchaos": "cp-portal-chaos-api-service",
} as const;

const prefix = fc.constantFrom(...(Object.keys(services) as (keyof typeof services)[]));
const word = fc.stringMatching(/^[A-Za-z0-9._~-]{1,12}$/);

test("each API sees its addresses without its own part", async () => {
  const all = await locations();
  fc.assert(
    fc.property(prefix, fc.array(word), (start, rest) => {
      const tail = rest.join("/");
      expect(answer(all, `${start}/${tail}`)).toEqual({ service: services[start], address: `/${tail}` });
    }),
  );
});

test("the bare part belongs to the API too, and not to the UI", async () => {
  const all = await locations();
  for (const [start, service] of Object.entries(services)) {
    expect(answer(all, start)).toEqual({ service, address: "/" });
  }
});

test("everything else reaches the UI as it is, words that only begin like an API among it", async () => {
  const all = await locations();
  const others = fc.oneof(
    fc.tuple(prefix, word).map(([start, more]) => `${start}${more}`),
    fc.array(word).map((parts) => `/${parts.filter((part) => !/^cp/i.test(part)).join("/")}`),
  );
  fc.assert(
    fc.property(others, (address) => {
      expect(answer(all, address)).toEqual({ service: "cp-portal-ui-service", address });
    }),
  );
});

test("the order does not depend on the order of the applications", () => {
  const expected = ["/cpcatalog(/|$)(.*)", "/cpchaos(/|$)(.*)", "/cpapi(/|$)(.*)"];
  fc.assert(
    fc.property(fc.shuffledSubarray([...portalApplications], { minLength: portalApplications.length }), (some) => {
      expect(rewrittenRoutes(some).map(({ path }) => path)).toEqual(expected);
    }),
  );
  expect(REWRITE_TARGET).toBe("/$2");
});

test("the regular expressions are in an Ingress of their own, with the type of path that may hold them", async () => {
  const { manifests } = await wholeSuite("v1.6.0");
  const api = find(manifests, "Ingress", "cp-portal-api-ingress") as unknown as {
    metadata: { annotations: Record<string, string> };
    spec: { tls: unknown; rules: { http: { paths: { pathType: string }[] } }[] };
  };
  expect(api.metadata.annotations).toMatchObject({ "nginx.ingress.kubernetes.io/use-regex": "true" });
  expect(api.spec.rules[0]?.http.paths.map(({ pathType }) => pathType)).toEqual(
    Array(3).fill("ImplementationSpecific"),
  );
  expect(api.spec.tls).toEqual([{ hosts: ["portal.apps.example.org"], secretName: "apps.example.org-tls" }]);
  expect(find(manifests, "Ingress", "cp-portal-ui-ingress").metadata.annotations).not.toHaveProperty(
    "nginx.ingress.kubernetes.io/rewrite-target",
  );
});
