import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { imageSources } from "../node/image-source";
import type { Layout } from "./layout";

const port = z.int().min(1).max(65_535);

const schema = z.object({
  ports: z.object({
    apiServer: port,
    etcd: port,
    etcdPeer: port,
    controllerManager: port,
    scheduler: port,
    kwok: port,
    kubelet: port,
  }),
  auditLog: z.boolean(),
  /** Whether a real node belongs to it, beside the simulated ones. */
  node: z.enum(["simulated", "real"]).default("simulated"),
  /** Where its images come from. */
  images: z.enum(imageSources).optional(),
  fingerprint: z.string(),
});

/** How the cluster was started. It is written when the first start has ended well: without it there is no cluster. */
export type ClusterRecord = z.infer<typeof schema>;

/** Where the pods of a cluster run. */
export type NodeKind = ClusterRecord["node"];

/** Undefined when there is none, or none that can be read. */
export function readRecord(layout: Layout): ClusterRecord | undefined {
  if (!existsSync(layout.record)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(layout.record, "utf8")));
  } catch {
    return undefined; // cut off, or of another version of this program: treated like a start that never ended
  }
}

/** At once, so that an interruption leaves the old record or the new one. */
export function writeRecord(layout: Layout, record: ClusterRecord): void {
  const draft = `${layout.record}.draft`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(draft, layout.record);
}

/** Whether there is data of a cluster that was up once. */
export function hasData(layout: Layout): boolean {
  return (
    readRecord(layout) !== undefined &&
    existsSync(join(layout.data, "member")) &&
    existsSync(join(layout.pki, "admin.key"))
  );
}
