import { join } from "node:path";
import type { ImageDefinition } from "../definition";

const FILES = join(__dirname, "files");
const PROGRAMS = "/usr/lib/postgresql/15/bin";

/** Debian puts a Perl program before `psql`, which looks for servers of its own; the real one has to come first. */
const environment = {
  PATH: `${PROGRAMS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  LANG: "C.UTF-8",
  PGDATA: "/var/lib/postgresql/data",
};

/** The server, entrypoint and packages that both images share. */
const server = {
  tag: "15",
  packages: ["postgresql-15"],
  content: [{ from: join(FILES, "postgres-entrypoint.sh"), to: "/usr/local/bin/docker-entrypoint.sh", mode: 0o755 }],
} as const;

function dataDirectories(owner: string) {
  return [
    { path: "/var/lib/postgresql/data", owner, mode: 0o700 },
    { path: "/run/postgresql", owner, mode: 0o775 },
  ];
}

/** Takes the place of the official image `postgres`, in its Alpine variant. */
export const postgres: ImageDefinition = {
  ...server,
  name: "postgres",
  title: "PostgreSQL 15 (Debian)",
  accounts: [{ name: "postgres", uid: 70, gid: 70, home: "/var/lib/postgresql" }],
  directories: dataDirectories("70:70"),
  process: {
    entrypoint: ["docker-entrypoint.sh"],
    command: ["postgres"],
    user: "70:70",
    environment,
    // Ends the clients' sessions; at SIGTERM the server would wait for each client to leave.
    stopSignal: "SIGINT",
  },
};

/** Takes the place of Harbor's own image with PostgreSQL. */
export const harborDatabase: ImageDefinition = {
  ...server,
  name: "harbor-database",
  title: "PostgreSQL 15 (Debian), started as Harbor does",
  accounts: [{ name: "postgres", uid: 999, gid: 999, home: "/var/lib/postgresql" }],
  content: [
    ...server.content,
    { from: join(FILES, "harbor-database-entrypoint.sh"), to: "/docker-entrypoint.sh", mode: 0o755 },
    { from: join(FILES, "harbor-database-healthcheck.sh"), to: "/docker-healthcheck.sh", mode: 0o755 },
  ],
  directories: dataDirectories("999:999"),
  process: { entrypoint: ["/docker-entrypoint.sh"], user: "999:999", environment, stopSignal: "SIGINT" },
};
