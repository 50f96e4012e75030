import type { ImageDefinition } from "../definition";

/** What containerd keeps running in every pod, so that its namespaces outlive each of its containers. */
export const pause: ImageDefinition = {
  name: "pause",
  tag: "1",
  title: "catatonit (Debian)",
  packages: ["catatonit"],
  content: [],
  process: { entrypoint: ["/usr/bin/catatonit", "-P"], user: "65535:65535" },
};
