import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import type { ResolvedImage } from "../../catalog/resolve";
import type { RestrictedContainer } from "../kubernetes/pod";

/** Ends with 0 once PostgreSQL takes logins; the comments at its head list what it reads. */
export const waitScript = readFileSync(join(__dirname, "scripts/wait-for-postgres.sh"), "utf8");

export interface PostgresWaitFacts {
  /** The postgres image, which has the client programs. */
  readonly image: ResolvedImage;
  /** libpq's variables: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD and, with TLS, PGSSLMODE and PGSSLROOTCERT. */
  readonly env: readonly types.input.core.v1.EnvVar[];
  /** Table that must exist as well, with its schema: `public.instances`. */
  readonly requiredTable?: string;
  readonly volumeMounts?: readonly types.input.core.v1.VolumeMount[];
}

/** An init container that holds its pod back until PostgreSQL can be used. */
export function waitForPostgres({
  image,
  env,
  requiredTable,
  volumeMounts = [],
}: PostgresWaitFacts): RestrictedContainer {
  return {
    name: "wait-for-postgres",
    image,
    command: ["sh", "-c", waitScript],
    env: [...env, ...(requiredTable === undefined ? [] : [{ name: "REQUIRED_TABLE", value: requiredTable }])],
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
    volumeMounts,
  };
}
