import { type Fields, fieldsOf, inSameNamespace, isKind, listOf, type Manifest, specOf, textOf } from "../manifest";
import { nginxBytes } from "../nginx-size";
import type { Rule } from "../rule";

const NGINX = "nginx.ingress.kubernetes.io/";
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

/** How the platform is reached from outside. */
export const ingressRules: readonly Rule[] = [
  {
    name: "dangling-ingress",
    severity: "high",
    scope: "stack",
    description: "The backends of an Ingress are Services and ports that exist.",
    remediation: "correct the name or the port of the backend",
    check: forIngresses((ingress, all) => {
      const services = inSameNamespace(ingress, all, "Service");
      return backendsOf(ingress)
        .filter(({ name, port }) => !services.some((service) => offers(service, name, port)))
        .map(({ name, port }) => `its backend, port ${String(port)} of the Service "${name}", is not in the stack`);
    }),
  },
  {
    name: "tls-settings-missing",
    severity: "high",
    scope: "object",
    url: "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
    description: "Every host of an Ingress is served with TLS.",
    remediation: "add the host to `spec.tls` with the Secret of its certificate",
    check: forIngresses((ingress) => {
      const protectedHosts = listOf(specOf(ingress)["tls"]).flatMap(({ hosts }) => listOf<string>(hosts));
      const hosts = pathsOf(ingress).map(({ host }) => host);
      if (hosts.length === 0) return protectedHosts.length > 0 ? [] : ["has no TLS"];
      return [...new Set(hosts)]
        .filter((host) => !protectedHosts.some((covered) => covers(covered, host)))
        .map((host) => `${host === "" ? "requests for any host are" : `the host ${host} is`} served without TLS`);
    }),
  },
  {
    name: "ingress-host-collision",
    severity: "high",
    scope: "stack",
    description: "No two Ingresses claim the same host and path.",
    remediation: "give one of them another host or path: which one wins depends on the controller",
    check: forIngresses((ingress, all) => {
      const others = all.filter((each) => each !== ingress && isKind(each, "Ingress"));
      return pathsOf(ingress).flatMap(({ host, path }) =>
        others
          .filter((other) => pathsOf(other).some((claimed) => claimed.host === host && claimed.path === path))
          .map((other) => `claims ${host}${path}, and so does ${other.metadata.namespace}/${other.metadata.name}`),
      );
    }),
  },
  {
    name: "ingress-class",
    severity: "medium",
    scope: "object",
    url: "https://kubernetes.io/docs/concepts/services-networking/ingress/#deprecated-annotation",
    description: "An Ingress names its class in the field, not in the deprecated annotation.",
    remediation: `set \`spec.ingressClassName\` and remove the annotation \`${CLASS_ANNOTATION}\``,
    check: forIngresses((ingress) => [
      ...(CLASS_ANNOTATION in fieldsOf(ingress.metadata.annotations) ? ["names its class in an annotation"] : []),
      ...(specOf(ingress)["ingressClassName"] === undefined ? ["has no ingressClassName"] : []),
    ]),
  },
  {
    name: "ingress-nginx-buffers",
    severity: "high",
    scope: "object",
    url: "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_busy_buffers_size",
    description: "The buffers that annotations of ingress-nginx ask for are a set that nginx takes.",
    remediation:
      "set `proxy-busy-buffers-size` to at least `proxy-buffer-size` and to less than `proxy-buffers-number` minus one of them",
    check: forIngresses((ingress) => {
      const annotation = (name: string) => textOf(fieldsOf(ingress.metadata.annotations)[`${NGINX}proxy-${name}`]);
      const [size, busy] = [annotation("buffer-size"), annotation("busy-buffers-size")];
      if (size === undefined) return [];
      const [one, all] = [nginxBytes(size), busy === undefined ? undefined : nginxBytes(busy)];
      if (one === undefined) return ["`proxy-buffer-size` is no size of nginx"];
      // Some releases of the controller fill in a size that is too small, and nginx refuses the whole configuration.
      if (all === undefined) return ["sets `proxy-buffer-size` without a `proxy-busy-buffers-size`"];
      const room = (Number(annotation("buffers-number") ?? 4) - 1) * one;
      return all < one || all > room ? ["`proxy-busy-buffers-size` does not fit the other sizes"] : [];
    }),
  },
];

function forIngresses(check: (ingress: Manifest, all: readonly Manifest[]) => readonly string[]): Rule["check"] {
  return (manifest, all) => (isKind(manifest, "Ingress") ? check(manifest, all) : []);
}

/** Every path of every rule. The host is `""` for any host. */
function pathsOf(ingress: Manifest): { host: string; path: string; backend: Fields }[] {
  return listOf(specOf(ingress)["rules"]).flatMap(({ host, http }) =>
    listOf(fieldsOf(http)["paths"]).map(({ path, backend }) => ({
      host: textOf(host) ?? "",
      path: textOf(path) ?? "/",
      backend: fieldsOf(backend),
    })),
  );
}

function backendsOf(ingress: Manifest): { name: string; port: unknown }[] {
  return [...pathsOf(ingress).map(({ backend }) => backend), fieldsOf(specOf(ingress)["defaultBackend"])].flatMap(
    ({ service }) => {
      const { name, port } = fieldsOf(service);
      const { number, name: portName } = fieldsOf(port);
      return textOf(name) === undefined ? [] : [{ name: String(name), port: number ?? portName }];
    },
  );
}

function offers(service: Manifest, name: string, port: unknown): boolean {
  return (
    service.metadata.name === name &&
    listOf(specOf(service)["ports"]).some((each) => each["port"] === port || each["name"] === port)
  );
}

/** A wildcard stands for exactly one label of the name. */
function covers(covered: string, host: string): boolean {
  if (!covered.startsWith("*.")) return covered === host;
  return host === covered || (host.includes(".") && host.slice(host.indexOf(".")) === covered.slice(1));
}
