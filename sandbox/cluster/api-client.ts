import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";

export interface ApiReply {
  readonly status: number;
  readonly body: string;
}

/** PATCH merges into an object; APPLY states the fields that the sandbox wants, and makes the object when it is absent. */
export type ApiMethod = "GET" | "POST" | "PATCH" | "APPLY" | "DELETE";

const contentTypes: Readonly<Partial<Record<ApiMethod, string>>> = {
  PATCH: "application/merge-patch+json",
  APPLY: "application/apply-patch+yaml", // JSON is YAML
};

/** The few calls to the sandbox's API server that the sandbox itself needs, without loading a Kubernetes client. */
export interface ApiClient {
  /** @throws when the server cannot be reached, or does not answer in 30 s */
  request(method: ApiMethod, path: string, body?: unknown): Promise<ApiReply>;
}

/** Long for a busy machine. Whoever asks has made sure that the server's processes are there. */
const TIMEOUT_MILLISECONDS = 30_000;

const FIELD_MANAGER = "platform-sandbox";

/** @param pki the directory with the cluster's certificates */
export function apiClient(port: number, pki: string): ApiClient {
  const credentials = {
    ca: readFileSync(join(pki, "ca.crt")),
    cert: readFileSync(join(pki, "admin.crt")),
    key: readFileSync(join(pki, "admin.key")),
  };
  return {
    request: (method, path, body) =>
      new Promise((resolve, reject) => {
        const call = request(
          {
            host: "127.0.0.1",
            port,
            method: method === "APPLY" ? "PATCH" : method,
            path: method === "APPLY" ? `${path}?fieldManager=${FIELD_MANAGER}&force=true` : path,
            ...credentials,
            agent: false,
            timeout: TIMEOUT_MILLISECONDS,
            headers: {
              accept: "application/json",
              "content-type": contentTypes[method] ?? "application/json",
              "user-agent": FIELD_MANAGER,
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("end", () =>
              resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
            );
            response.on("error", reject);
          },
        );
        call.on("timeout", () =>
          call.destroy(new Error(`127.0.0.1:${port} did not answer in ${TIMEOUT_MILLISECONDS / 1000} s`)),
        );
        call.on("error", reject);
        call.end(body === undefined ? undefined : JSON.stringify(body));
      }),
  };
}

/** The JSON of a good reply. @throws when the status is not 2xx; the message holds the server's own */
export function readReply(reply: ApiReply, attempted: string): unknown {
  if (reply.status >= 200 && reply.status < 300) return JSON.parse(reply.body);
  throw new Error(
    `The sandbox's API server refused to ${attempted} (HTTP ${reply.status}): ${reply.body.slice(0, 500)}`,
  );
}

/** Whether the server says that it is ready; false also while nothing answers. */
export async function isReady(api: ApiClient): Promise<boolean> {
  return (await statusOf(api, "/readyz")) === 200;
}

/** The HTTP status of a GET, or undefined while nothing answers. */
export async function statusOf(api: ApiClient, path: string): Promise<number | undefined> {
  try {
    return (await api.request("GET", path)).status;
  } catch {
    return undefined; // a server that starts or has died refuses connections: an answer, not a failure, here
  }
}
