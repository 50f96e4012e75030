import { ensureGoServer, goServers } from "../../servers/go-servers";
import type { ImageDefinition } from "../definition";

const server = goServers.coredns;

/**
 * The DNS of the cluster, with all of CoreDNS's own plugins. Pods give `-conf FILE` as arguments. Port 53 is below
 * 1024: the pod has to run as root with the capability NET_BIND_SERVICE, or name a higher port in its Corefile.
 */
export const corednsImage: ImageDefinition = {
  name: "coredns",
  tag: server.version,
  title: `CoreDNS ${server.version} (built from source)`,
  packages: [],
  prepare: async (progress) => {
    await ensureGoServer(server, progress);
  },
  content: [{ from: server.program, to: "/usr/bin/coredns", mode: 0o755 }],
  process: { entrypoint: ["/usr/bin/coredns"], user: "65532:65532" },
};
