import http from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { PropertyMap } from "../protocol/property-values";
import { ApiError, UnreachableError } from "./api-error";
import type { Configuration } from "./configuration";
import type { ClusterAccess } from "./kubeconfig";
import { RateLimit } from "./rate-limit";

/** Milliseconds after which an unused connection is closed; the API server waits for 90 s. */
const idleTimeout = 60_000;

/** How often a request is sent that the server asks to repeat. */
const mostAttempts = 5;

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below the server's address, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: PropertyMap | readonly PropertyMap[];
  /** Media type of the body; default: `application/json`. */
  readonly contentType?: string;
  /** Media types of the answer; default: `application/json`. */
  readonly accept?: string;
  /** Ends the request when it aborts. */
  readonly signal?: AbortSignal;
}

export interface ApiResponse {
  readonly object: PropertyMap;
  /** Texts of the `Warning` headers: deprecated versions, unknown fields. */
  readonly warnings: readonly string[];
}

/** Sends requests to one API server over connections that stay open. */
export class ApiClient {
  private readonly transport: typeof http | typeof https;
  private readonly rateLimit: RateLimit;
  private agent: http.Agent | undefined;

  constructor(
    private readonly access: ClusterAccess,
    private readonly configuration: Configuration,
  ) {
    this.transport = access.server.protocol === "http:" ? http : https;
    this.rateLimit = new RateLimit(configuration.requestsPerSecond, configuration.requestBurst);
  }

  /**
   * @throws {@link ApiError} when the server refuses
   * @throws {@link UnreachableError} when there is no answer
   */
  async send(request: ApiRequest): Promise<ApiResponse> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.open(request);
      const content = await text(response);
      const code = response.statusCode ?? 0;
      const pause = secondsToRetry(code, response.headers["retry-after"]);
      if (pause !== undefined && attempt < mostAttempts) {
        await sleep(pause * 1000, undefined, request.signal === undefined ? {} : { signal: request.signal });
        continue;
      }
      const object = content.startsWith("{") ? (JSON.parse(content) as PropertyMap) : undefined;
      if (code >= 300) throw ApiError.fromResponse(code, object, `${request.method} ${request.path}`);
      return { object: object ?? {}, warnings: warningTexts(response.headers["warning"]) };
    }
  }

  /** The answer as a stream, for watches. Throws like {@link send}. */
  async stream(request: ApiRequest): Promise<http.IncomingMessage> {
    const response = await this.open(request);
    const code = response.statusCode ?? 0;
    if (code < 300) return response;
    const content = await text(response);
    const status = content.startsWith("{") ? (JSON.parse(content) as PropertyMap) : undefined;
    throw ApiError.fromResponse(code, status, `${request.method} ${request.path}`);
  }

  private async open(request: ApiRequest): Promise<http.IncomingMessage> {
    await this.rateLimit.pass();
    const { agent: ownAgent, ...credentials } = await this.access.credentials();
    this.agent ??= this.makeAgent(ownAgent, credentials);
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const headers = {
      ...credentials.headers,
      Accept: request.accept ?? "application/json",
      "User-Agent": "platform-builtin-providers",
      ...(body !== undefined && {
        "Content-Type": request.contentType ?? "application/json",
        "Content-Length": Buffer.byteLength(body),
      }),
    };
    const options = { ...credentials, agent: this.agent, method: request.method, headers, signal: request.signal };
    return await new Promise((resolve, reject) => {
      const outgoing = this.transport.request(this.url(request), options, resolve);
      outgoing.on("error", (error) => reject(request.signal?.aborted ? error : this.unreachable(error)));
      if (this.configuration.requestTimeout > 0) {
        outgoing.setTimeout(this.configuration.requestTimeout * 1000, () =>
          outgoing.destroy(new Error(`no answer within ${this.configuration.requestTimeout} s`)),
        );
      }
      outgoing.end(body);
    });
  }

  /** Proxies of the kubeconfig come as an agent that already knows them; any other agent is replaced. */
  private makeAgent(ownAgent: http.Agent | boolean | undefined, credentials: https.RequestOptions): http.Agent {
    // Unused connections close before the server closes them, so that no request is sent into a closing one.
    const settings = { keepAlive: true, scheduling: "lifo" as const, timeout: idleTimeout };
    if (ownAgent instanceof http.Agent && ownAgent.constructor !== https.Agent && ownAgent.constructor !== http.Agent) {
      return ownAgent;
    }
    return this.transport === http
      ? new http.Agent(settings)
      : new https.Agent({ ...tlsOptions(credentials), ...settings });
  }

  private url({ path, query }: ApiRequest): URL {
    const url = new URL(this.access.server);
    url.pathname = url.pathname.replace(/\/$/, "") + path;
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    return url;
  }

  private unreachable(error: Error & { code?: string }): UnreachableError {
    return new UnreachableError(
      `The Kubernetes API server ${this.access.server.origin} (kubeconfig context "${this.access.context}") ` +
        `cannot be reached: ${error.message || error.code}. Check that the cluster runs and that the context is the right one.`,
    );
  }
}

function tlsOptions({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }: https.RequestOptions) {
  const options = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Seconds after which an overloaded or starting server wants the request again; it has not acted on it then. */
export function secondsToRetry(code: number, retryAfter: string | undefined): number | undefined {
  const seconds = Number(retryAfter);
  const mayRepeat = code === 429 || code >= 500;
  return mayRepeat && retryAfter !== undefined && Number.isFinite(seconds) ? Math.min(seconds, 10) : undefined;
}

/** Texts out of `299 - "text", 299 - "text"`. */
function warningTexts(header: string | string[] | undefined): string[] {
  const headers = [header ?? []].flat().join(", ");
  return [...headers.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, message = ""]) =>
    message.replace(/\\(.)/g, "$1"),
  );
}
