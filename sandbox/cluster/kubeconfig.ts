import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

/** The one name for context, cluster and user: it says to the reader that this is no real cluster. */
export const CONTEXT = "platform-sandbox";

export interface KubeconfigCredentials {
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

/** A kubeconfig that stands alone: it names no other files. */
export function kubeconfigText({ server, authority, certificate, key }: KubeconfigCredentials): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": CONTEXT,
    clusters: [{ name: CONTEXT, cluster: { server, "certificate-authority-data": base64(authority) } }],
    users: [
      { name: CONTEXT, user: { "client-certificate-data": base64(certificate), "client-key-data": base64(key) } },
    ],
    contexts: [{ name: CONTEXT, context: { cluster: CONTEXT, user: CONTEXT } }],
    preferences: {},
  });
}

/** Writes the file for its owner only, and at once, so that a reader never sees half of it. */
export function writeKubeconfig(file: string, server: string, pki: string): void {
  const text = kubeconfigText({
    server,
    authority: readFileSync(join(pki, "ca.crt"), "utf8"),
    certificate: readFileSync(join(pki, "admin.crt"), "utf8"),
    key: readFileSync(join(pki, "admin.key"), "utf8"),
  });
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
