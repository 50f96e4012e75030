import { join } from "node:path";
import type { ImageDefinition } from "../definition";

/** Account of Harbor's parts that keep no data of a database. */
const harborAccount = { name: "harbor", uid: 10000, gid: 10000, home: "/home/harbor" } as const;

/** Takes the place of Harbor's image with Valkey: no password, reachable from other pods, snapshots in the volume. */
export const harborRedis: ImageDefinition = {
  name: "harbor-redis",
  tag: "7.0",
  title: "Redis 7.0 (Debian)",
  packages: ["redis-server"],
  accounts: [{ name: "redis", uid: 999, gid: 999, home: "/var/lib/redis" }],
  content: [],
  process: {
    entrypoint: ["redis-server"],
    command: ["--protected-mode", "no", "--dir", "/var/lib/redis"],
    user: "999:999",
  },
};

/** Takes the place of Harbor's image with nginx, which runs by the configuration that the manifest mounts. */
export const harborNginx: ImageDefinition = {
  name: "harbor-nginx",
  tag: "1.22",
  title: "nginx 1.22 (Debian)",
  packages: ["nginx"],
  accounts: [harborAccount],
  content: [],
  process: {
    entrypoint: ["nginx", "-e", "stderr", "-g", "daemon off;"],
    user: "10000:10000",
    stopSignal: "SIGQUIT",
  },
};

/** Takes the place of Harbor's image with distribution, which Harbor changes in points that only its other parts see. */
export const harborRegistry: ImageDefinition = {
  name: "harbor-registry",
  tag: "2.8",
  title: "Distribution 2.8 (Debian's docker-registry)",
  packages: ["docker-registry"],
  accounts: [harborAccount],
  content: [
    {
      from: join(__dirname, "files", "harbor-registry-entrypoint.sh"),
      to: "/home/harbor/entrypoint.sh",
      mode: 0o755,
    },
  ],
  directories: [{ path: "/storage", owner: "10000:10000" }, { path: "/harbor_cust_cert" }],
  process: { entrypoint: ["/home/harbor/entrypoint.sh"], user: "10000:10000" },
};
