import { join } from "node:path";
import type { ImageDefinition } from "../definition";

const FILES = join(__dirname, "files");

/** Takes the place of the official image `mariadb`; the platform's catalogue has it in two versions. */
function mariadbImage(name: string): ImageDefinition {
  return {
    name,
    tag: "10.11",
    title: "MariaDB 10.11 (Debian)",
    packages: ["mariadb-server"],
    accounts: [{ name: "mysql", uid: 999, gid: 999, home: "/var/lib/mysql" }],
    content: [
      { from: join(FILES, "mariadb-entrypoint.sh"), to: "/usr/local/bin/docker-entrypoint.sh", mode: 0o755 },
      { from: join(FILES, "mariadb-healthcheck.sh"), to: "/usr/local/bin/healthcheck.sh", mode: 0o755 },
      { from: join(FILES, "mariadb.cnf"), to: "/etc/mysql/mariadb.cnf", mode: 0o644 },
    ],
    directories: [{ path: "/run/mysqld", owner: "999:999", mode: 0o775 }],
    process: {
      entrypoint: ["docker-entrypoint.sh"],
      command: ["mariadbd"],
      user: "999:999",
      environment: { LANG: "C.UTF-8" },
    },
  };
}

export const mariadb = mariadbImage("mariadb");

export const mariadbLongTermSupport = mariadbImage("mariadb-10.11");
