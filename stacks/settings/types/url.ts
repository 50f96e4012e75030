import { isIP, isIPv6 } from "node:net";
import { addressFault, hostFault, isLoopback } from "./address";
import { checkedText } from "./checked";

export interface UrlRule {
  /** @default http and https */
  readonly schemes?: readonly ("http" | "https")[];
  /**
   * `none`: nothing behind host and port. `plain`: a path without a slash at its end. `any`: a path.
   * @default any
   */
  readonly path?: "none" | "plain" | "any";
  /** Pods call it, for which `localhost` is the pod itself. @default true */
  readonly calledByPods?: boolean;
}

const SHAPE = /^([a-z]+):\/\/([^/?#\\]+)([^?#\\]*)$/i;

/** An address on the web, looked at as clients do, and not by a pattern. */
export function httpUrl({ schemes = ["http", "https"], path = "any", calledByPods = true }: UrlRule = {}) {
  const shape = {
    none: " without a path and without a slash at the end",
    plain: " without a slash at the end",
    any: "",
  }[path];
  return checkedText((value) => urlFault(value, { schemes, path, calledByPods })).meta({
    allowed: `an ${schemes.join(" or ")} URL${shape}, without user name, query and fragment`,
  });
}

/** What is wrong with a URL. */
function urlFault(value: string, { schemes, path, calledByPods }: Required<UrlRule>): string | undefined {
  if (/[\s\p{Cc}]/u.test(value)) {
    return "There is white space or a line break in it.";
  }
  const [, scheme, authority, rest = ""] = SHAPE.exec(value) ?? [];
  if (value.includes("@") && authority?.includes("@") !== false) {
    return "It holds a user name or a password, which would stand in plain text wherever the address does.";
  }
  if (scheme === undefined || authority === undefined) {
    return /[?#]/.test(value) ? "It has a query or a fragment." : "It is no complete URL.";
  }
  if (!schemes.some((each) => each === scheme)) {
    return `It has to begin with ${schemes.map((each) => `${each}://`).join(" or ")}.`;
  }
  if (rest.includes("@") && !URL.canParse(value)) {
    return "It is no URL.";
  }
  return authorityFault(authority, calledByPods) ?? pathFault(rest, path, value);
}

function authorityFault(authority: string, calledByPods: boolean): string | undefined {
  const [, ipv6, name = "", port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(authority) ?? [];
  const host = ipv6 ?? name;
  if (port !== undefined && !isPort(port)) {
    return "Its port is no number from 1 to 65535.";
  }
  if (ipv6 !== undefined && !isIPv6(ipv6)) {
    return "Between its brackets is no IPv6 address.";
  }
  if (calledByPods) {
    return addressFault(host.toLowerCase());
  }
  return isIP(host) !== 0 || isLoopback(host) ? undefined : hostFault(host.toLowerCase(), "any");
}

function pathFault(rest: string, path: UrlRule["path"], value: string): string | undefined {
  if (path === "none" && rest !== "") {
    return rest === "/" ? "It ends in a slash." : "It has a path.";
  }
  if (path === "plain" && rest.endsWith("/")) {
    return "It ends in a slash.";
  }
  return rest.includes("//") || !URL.canParse(value) ? "Its path has empty parts, or cannot be read." : undefined;
}

/** Whether the text is the number of a TCP port. */
export function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

/** Host and port of a URL that passed the check; the port is the scheme's where none is given. */
export function placeOfUrl(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
  };
}

/** A server with its port. */
export const hostAndPort = checkedText((text) => {
  const [, host = "", number = ""] = /^(.*):([^:]*)$/.exec(text) ?? [];
  return isPort(number) ? addressFault(host.replace(/^\[(.*)\]$/, "$1")) : "It has no port from 1 to 65535.";
}).meta({ allowed: "a host, a colon and a port", examples: ["192.168.0.110:26379"] });
