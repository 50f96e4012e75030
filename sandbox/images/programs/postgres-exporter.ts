import { ensureGoServer, goServers } from "../../servers/go-servers";
import type { ImageDefinition } from "../definition";

const server = goServers["postgres-exporter"];

/** Takes the place of the project's own image: everything is set by variables such as DATA_SOURCE_URI. */
export const postgresExporterImage: ImageDefinition = {
  name: "postgres-exporter",
  tag: server.version,
  title: `PostgreSQL exporter ${server.version} (built from source)`,
  packages: [],
  prepare: async (progress) => {
    await ensureGoServer(server, progress);
  },
  content: [{ from: server.program, to: "/usr/bin/postgres_exporter", mode: 0o755 }],
  process: { entrypoint: ["/usr/bin/postgres_exporter"], user: "65534:65534" },
};
