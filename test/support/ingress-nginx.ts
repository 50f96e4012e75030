import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "../../stacks/render";

/** Whether nginx is installed from the operating system's packages (`nginx-light` on Debian). */
export const nginxInstalled = spawnSync("nginx", ["-v"]).status === 0;

const PREFIX = "nginx.ingress.kubernetes.io/";

/** How releases of ingress-nginx treat an Ingress that does not say how many bytes may be busy. */
export type BusyBuffers = "unknown annotation" | "8k unless given" | "only if given";

const seconds = (directive: string) => (value: string) => [`${directive} ${value}s;`];
const plain = (directive: string) => (value: string) => [`${directive} ${value};`];
const nothing = () => [];
const ranges = (verb: string) => (value: string) => value.split(",").map((range) => `${verb} ${range};`);

/** What ingress-nginx writes into a location for each annotation that the program uses. */
const directives: Readonly<Record<string, (value: string) => string[]>> = {
  affinity: nothing,
  "affinity-mode": nothing,
  "backend-protocol": nothing,
  "client-body-buffer-size": plain("client_body_buffer_size"),
  "denylist-source-range": ranges("deny"),
  "limit-rps": (value) => {
    if (value !== "0") throw new Error("A limit needs a zone, which is not written here.");
    return [];
  },
  "proxy-body-size": plain("client_max_body_size"),
  "proxy-buffer-size": nothing,
  "proxy-buffers-number": nothing,
  "proxy-busy-buffers-size": nothing,
  "proxy-connect-timeout": seconds("proxy_connect_timeout"),
  "proxy-read-timeout": seconds("proxy_read_timeout"),
  "proxy-request-buffering": plain("proxy_request_buffering"),
  "proxy-send-timeout": seconds("proxy_send_timeout"),
  "rewrite-target": nothing,
  "ssl-redirect": nothing,
  "use-regex": nothing,
  "whitelist-source-range": (value) => [...ranges("allow")(value), "deny all;"],
};

interface Path {
  readonly path?: string;
}

/** The server blocks of one Ingress, as ingress-nginx writes them. */
function serversOf({ metadata, spec }: Manifest, busyBuffers: BusyBuffers): string {
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).flatMap(([name, value]) =>
      name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), value]] : [],
    ),
  );
  const lines = Object.entries(annotations).flatMap(([name, value]) => {
    const write = directives[name];
    if (write === undefined) throw new Error(`What ingress-nginx makes of "${name}" is not written in this test.`);
    return write(value);
  });
  const size = annotations["proxy-buffer-size"] ?? "4k";
  const given = annotations["proxy-busy-buffers-size"];
  const busy =
    busyBuffers === "unknown annotation" ? undefined : busyBuffers === "8k unless given" ? (given ?? "8k") : given;
  const location = [
    `proxy_buffer_size ${size};`,
    `proxy_buffers ${annotations["proxy-buffers-number"] ?? "4"} ${size};`,
    ...(busy === undefined ? [] : [`proxy_busy_buffers_size ${busy};`]),
    ...lines,
    "proxy_pass http://127.0.0.1:1;",
  ];
  const { rules = [] } = spec as { rules?: readonly { host?: string; http?: { paths: readonly Path[] } }[] };
  const regular = annotations["use-regex"] === "true" || "rewrite-target" in annotations;
  return rules
    .map(({ host = "_", http }) => {
      const locations = (http?.paths ?? []).map(({ path = "/" }) => {
        const target = annotations["rewrite-target"];
        const rewrite = target === undefined ? [] : [`rewrite "(?i)${path}" ${target} break;`];
        return `location ${regular ? `~* "^${path}"` : path} { ${[...rewrite, ...location].join(" ")} }`;
      });
      return `server { listen 127.0.0.1:65000; server_name ${host}; ${locations.join("\n")} }`;
    })
    .join("\n");
}

/** What nginx says to the configuration that a controller makes of these Ingresses; empty when it takes it. */
export function nginxRefusal(ingresses: readonly Manifest[], busyBuffers: BusyBuffers): string {
  const folder = mkdtempSync(join(tmpdir(), "platform-nginx-"));
  try {
    const servers = ingresses.map((ingress) => serversOf(ingress, busyBuffers)).join("\n");
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${join(folder, name)};`,
    );
    const file = join(folder, "nginx.conf");
    writeFileSync(
      file,
      `pid ${join(folder, "pid")};\nevents {}\nhttp { access_log off; server_names_hash_bucket_size 256;\n${temporary.join(" ")}\n${servers}\n}\n`,
    );
    const { status, stderr } = spawnSync("nginx", ["-t", "-q", "-e", "stderr", "-p", folder, "-c", file], {
      encoding: "utf8",
    });
    return status === 0 ? "" : stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
