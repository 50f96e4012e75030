import { isIP, isIPv4 } from "node:net";
import { z } from "zod";
import { contains, networkOf } from "../../../components/kubernetes/address-range";
import { checkedText } from "./checked";

const label = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
const names = new RegExp(`^${label}(?:\\.${label})*$`);

/** Name of an object that Kubernetes keeps to one DNS label. */
export const dnsLabel = z
  .string()
  .regex(new RegExp(`^${label}$`))
  .meta({ allowed: "a DNS label: lower-case letters, digits and inner dashes, at most 63" });

/** Name of a Service, which may not begin with a digit. */
export const serviceName = z
  .string()
  .regex(/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/)
  .meta({ allowed: "a DNS label that begins with a letter: lower-case letters, digits and inner dashes, at most 63" });

/** Name of an object that may have dots, such as a Secret or a StorageClass. */
export const dnsName = z
  .string()
  .max(253)
  .regex(names)
  .meta({ allowed: "a DNS name: lower-case letters, digits, and inner dashes and dots" });

/** Namespaces that no cluster can do without, or that belong to nobody. */
const isClustersOwn = (name: string): boolean => name === "default" || /^kube-|^openshift-/.test(name);

/** Namespace that the program creates, and therefore none of those that a cluster is born with. */
export const ownNamespace = dnsLabel
  .refine((name) => !isClustersOwn(name))
  .meta({ allowed: "a DNS label other than `default` and `kube-…`, since the program creates the namespace" });

/** Why a text is no host name. @param parts how many labels it needs */
export function hostFault(host: string, parts: "any" | "several"): string | undefined {
  if (isIP(host) !== 0) {
    return "This is an IP address, and a host name is needed.";
  }
  if (host.length > 253 || !names.test(host)) {
    return "This is no host name.";
  }
  if (/(?:^|\.)\d+$/.test(host)) {
    return "A name whose last part is a number is taken for an IP address, and this is none.";
  }
  return parts === "several" && !host.includes(".") ? "The name has no dot, so it is not a full one." : undefined;
}

/** Host name that people or the ingress controller use. */
export const hostName = checkedText((host) => hostFault(host, "several")).meta({
  allowed: "a full host name in lower case, without scheme, port or path",
  examples: ["openchecker.example.org"],
});

/** Domain below which hosts are, of one part or several. */
export const domainName = checkedText((name) => hostFault(name, "any")).meta({
  allowed: "a domain name in lower case",
  examples: ["cluster.local"],
});

/** Whether pods would find themselves, or nobody, under an address. */
export function isLoopback(host: string): boolean {
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    (isIPv4(host) && (contains("127.0.0.0/8", `${host}/32`) || contains("0.0.0.0/8", `${host}/32`))) ||
    (isIP(host) === 6 && ["::1/128", "::/128"].some((range) => contains(range, `${host}/128`)))
  );
}

/** Why a text is no address of a server that pods could reach. */
export function addressFault(host: string): string | undefined {
  if (host.includes("%")) {
    return "An address with a zone is known on one machine only.";
  }
  if (isLoopback(host)) {
    return "Under this address every pod finds itself, and no server.";
  }
  return isIP(host) === 0 ? hostFault(host, "any") : undefined;
}

/** Server outside the cluster: a host name, or an IP address. */
export const serverAddress = checkedText(addressFault).meta({
  allowed: "a host name or an IP address, without scheme, port or path",
  examples: ["192.168.0.110"],
});

export const ipAddress = checkedText((text) =>
  isIP(text) === 0 || text.includes("%")
    ? "This is no IP address."
    : isLoopback(text)
      ? "This address leads every machine to itself."
      : undefined,
).meta({ allowed: "an IPv4 or IPv6 address", examples: ["203.0.113.7"] });

function rangeFault(range: string): string | undefined {
  if (!z.cidrv4().safeParse(range).success && !z.cidrv6().safeParse(range).success) {
    return "This is no address range.";
  }
  if (/^::ffff:/i.test(range)) {
    return "This is an IPv4 range in the clothes of IPv6; network plugins do not know it.";
  }
  const network = networkOf(range);
  return network === range ? undefined : `The address has bits behind the length of the range, which is ${network}.`;
}

/** Address range. */
export const cidr = checkedText(rangeFault).meta({
  allowed: "an address range in CIDR notation",
  examples: ["10.20.0.0/16"],
});

/** Address range of pods or Services: no policy could tell them from the rest of the world if it were everything. */
export const clusterRange = checkedText(
  (range) => rangeFault(range) ?? (range.endsWith("/0") ? "A cluster does not have all addresses." : undefined),
).meta({ allowed: "an address range in CIDR notation that is not everything", examples: ["10.244.0.0/16"] });

/** Address range that is closed inside of a larger one: everything would close what the setting is about. */
export const closedRange = checkedText(
  (range) => rangeFault(range) ?? (range.endsWith("/0") ? "With this range everything would be closed." : undefined),
).meta({ allowed: "an address range in CIDR notation that is not everything", examples: ["10.0.0.0/8"] });

export const port = z.int().min(1).max(65535).meta({ unit: "TCP port" });
