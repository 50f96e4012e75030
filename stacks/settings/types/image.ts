import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { isLoopback } from "./address";
import { checkedText } from "./checked";
import { isPort } from "./url";

// The grammar of https://github.com/distribution/reference.
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const HOST = new RegExp(`^(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[0-9a-fA-F:]+\\])(?::(\\d+))?$`);
const LONGEST = 255;

/** Whether a reference's first part is a registry: otherwise it is a user of Docker Hub. */
const isHost = (part: string): boolean => /[.:]/.test(part) || part === "localhost" || part !== part.toLowerCase();

function hostFault(host: string): string | undefined {
  const [, port] = HOST.exec(host) ?? [];
  const [, ipv6] = /^\[(.+)\]/.exec(host) ?? [];
  if (!HOST.test(host) || (port !== undefined && !isPort(port)) || (ipv6 !== undefined && !isIPv6(ipv6))) {
    return "Its host is none, or its port no number from 1 to 65535.";
  }
  const name = host.replace(/:\d+$/, "");
  if (/^[\d.]+$/.test(name) && (!isIPv4(name) || isLoopback(name))) {
    return "Its host looks like an IP address and is none of a registry.";
  }
  return undefined;
}

function commonFault(text: string): string | undefined {
  if (/^[a-z]+:\/\//i.test(text)) {
    return "A reference to an image has no scheme.";
  }
  if (text.includes("@")) {
    return "A digest is a setting of its own, and a name or a password belongs into a Secret.";
  }
  return undefined;
}

/** A repository, with the registry's host in front or without. */
export const imageRepository = checkedText((text) => {
  const common = commonFault(text);
  if (common !== undefined) {
    return common;
  }
  const [first = "", ...others] = text.split("/");
  const withHost = others.length > 0 && isHost(first);
  const path = withHost ? others.join("/") : text;
  if (/:[^/]*$/.test(path)) {
    return "The tag is a setting of its own.";
  }
  if (!PATH.test(path) || path.length > LONGEST) {
    return "A repository has lower-case letters and digits, joined by a dot, one or two underscores, or dashes.";
  }
  return withHost ? hostFault(first) : undefined;
}).meta({
  allowed: "a repository without tag, with the registry host in front where it is not the catalogue's",
  examples: ["ghcr.io/example/openchecker"],
});

/** A repository in a project of a registry that is known already. */
export const projectRepository = imageRepository
  .refine((text) => !isHost(text.split("/")[0] ?? ""))
  .meta({ allowed: "a repository without registry, project and tag" });

/** What stands in front of repositories. */
export const registryPrefix = checkedText((text) => {
  const common = commonFault(text);
  if (common !== undefined) {
    return common;
  }
  const [host = "", ...path] = text.split("/");
  if (!isHost(host)) {
    return "Without a dot or a port its first part is taken for a user of Docker Hub.";
  }
  return path.length > 0 && (!PATH.test(path.join("/")) || text.length > LONGEST)
    ? "Its path is none of a repository: lower-case letters and digits, joined by dots, underscores, dashes and single slashes."
    : hostFault(host);
}).meta({
  allowed: "a registry host, with a port and a path where needed, without scheme and without a slash at the end",
  examples: ["registry.example.org/mirror"],
});

/** A registry without a path. */
export const registryHost = checkedText((text) => {
  const common = commonFault(text);
  if (common !== undefined) {
    return common;
  }
  return text.includes("/")
    ? "It has a path."
    : isHost(text)
      ? hostFault(text)
      : "Without a dot or a port it is taken for a user of Docker Hub.";
}).meta({ allowed: "a host with an optional port, without scheme and path", examples: ["registry.example.org"] });

export const imageTag = z
  .string()
  .regex(/^(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/)
  .meta({ allowed: "an image tag other than `latest`, which is not one version", examples: ["v0.21"] });

export const imageDigest = z
  .string()
  .regex(/^sha256:[a-f0-9]{64}$/)
  .meta({ allowed: "`sha256:` and 64 lower-case hex digits" });
