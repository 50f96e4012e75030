import type { Reply } from "../engine/kubectl-support";
import { KubectlProcess } from "./kubectl-process";
import type { ProbePod, RealPlatform } from "./real-platform";

/** Where KubeKloud's API and its database are, by the objects of the stack. */
export const DATABASE = {
  namespace: "kubekloud-api",
  workload: "deployment/postgres",
  service: "postgres-service",
  podLabels: { app: "postgres" },
  apiSecret: "kubekloud-api-secret",
  apiDeployment: "kubekloud-api",
} as const;

/** The URL that KubeKloud's API uses. */
export async function databaseUrl(platform: RealPlatform): Promise<URL> {
  const { DATABASE_URL } = await platform.secret(DATABASE.namespace, DATABASE.apiSecret);
  if (DATABASE_URL === undefined) throw new Error(`The Secret ${DATABASE.apiSecret} has no DATABASE_URL.`);
  return new URL(DATABASE_URL);
}

/** The labels by which network policies know the API's pods. */
export async function apiLabels(platform: RealPlatform): Promise<Readonly<Record<string, string>>> {
  const { spec } = await platform.object<{ spec: { selector: { matchLabels: Record<string, string> } } }>(
    DATABASE.namespace,
    "deployment",
    DATABASE.apiDeployment,
  );
  return spec.selector.matchLabels;
}

const programWords = ["psql", "--no-psqlrc", "--no-password", "--quiet", "--no-align", "--tuples-only"];
const stopAtErrors = "--set=ON_ERROR_STOP=1";

/** psql in a pod of its own. */
export class DatabaseClient {
  private constructor(
    private readonly platform: RealPlatform,
    private readonly pod: ProbePod,
    /** The login and server unless a query names another. */
    readonly url: URL,
  ) {}

  static async start(
    platform: RealPlatform,
    pod: Pick<ProbePod, "namespace" | "name" | "labels">,
    url: URL,
  ): Promise<DatabaseClient> {
    const probe = { ...pod, image: "postgres:15" };
    await platform.startProbe(probe);
    return new DatabaseClient(platform, probe, url);
  }

  remove(): Promise<void> {
    return this.platform.removeProbe(this.pod);
  }

  /** What psql answers; a refusal is an answer like any other. */
  ask(sql: string, url: URL = this.url): Promise<Reply> {
    const words = [...programWords, stopAtErrors, `--command=${sql}`, withTimeLimit(url)];
    return this.platform.exec(this.pod.namespace, this.pod.name, words);
  }

  /** The rows, one per line, columns separated by `|`. @throws what psql printed when it fails */
  async query(sql: string, url: URL = this.url): Promise<string> {
    const { code, output } = await this.ask(sql, url);
    if (code !== 0) throw new Error(output);
    return output;
  }

  /**
   * Inserts the numbers from 1 on, each in a transaction of its own, until the server refuses or goes away.
   * @param table with a column `number`
   * @param onAcknowledged gets each number after the server has said that it is there
   */
  insertNumbers(table: string, onAcknowledged: (number: number) => void): Promise<KubectlProcess> {
    const statements = `number=0; while number=$((number + 1)); do echo "INSERT INTO ${table} (number) VALUES ($number) RETURNING number;" || exit; done`;
    const client = [...programWords, stopAtErrors, `'${withTimeLimit(this.url)}'`].join(" ");
    const words = ["--namespace", this.pod.namespace, "exec", this.pod.name, "--", "sh", "-c"];
    return KubectlProcess.start(this.platform, [...words, `(${statements}) | ${client}`], (line) =>
      onAcknowledged(Number(line)),
    );
  }
}

/** The same server by its Service's address, for pods that may not even ask for names. */
export async function withServiceAddress(platform: RealPlatform, namespace: string, service: string, url: URL) {
  const { spec } = await platform.object<{ spec: { clusterIP: string } }>(namespace, "service", service);
  return changed(url, (each) => {
    each.hostname = spec.clusterIP;
  });
}

/** A copy of the URL with a change. */
export function changed(url: URL, change: (copy: URL) => void): URL {
  const copy = new URL(url);
  change(copy);
  return copy;
}

/** A client that gets no answer at all must not wait for ever. */
function withTimeLimit(url: URL): string {
  return changed(url, (copy) => copy.searchParams.set("connect_timeout", "10")).href;
}
