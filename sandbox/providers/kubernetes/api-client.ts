import http from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { PropertyMap } from "../protocol/property-values";
import { ApiError, UnreachableError } from "./api-error";
import type { Configuration } from "./configuration";
import { connectionAdvice, explainUnauthorized } from "./credentials-error";
import type { ClusterAccess } from "./kubeconfig";
import { RateLimit } from "./rate-limit";

/** Milliseconds after which an unused connection is closed; the API server waits for 90 s. */
const idleTimeout = 60_000;

/** How often a request is sent that the server asks to repeat. */
const mostAttempts = 5;

/** Milliseconds for which a read is sent again that the server does not answer: as long as a restart of it takes. */
const defaultPatience = 30_000;
const firstPause = 100;
const longestPause = 2000;

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

/** The whole answer to one request. */
interface Answer {
  readonly code: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly content: string;
}

/** Sends requests to one API server over connections that stay open. */
export class ApiClient {
  private readonly transport: typeof http | typeof https;
  private readonly rateLimit: RateLimit;
  private agent: http.Agent | undefined;
  /** A server that has never answered is a mistake in the kubeconfig rather than a connection that breaks. */
  private hasAnswered = false;

  /** @param cancelled nothing is sent again once it aborts */
  constructor(
    private readonly access: ClusterAccess,
    private readonly configuration: Configuration,
    private readonly cancelled: AbortSignal,
    private readonly patience = defaultPatience,
  ) {
    this.transport = access.server.protocol === "http:" ? http : https;
    this.rateLimit = new RateLimit(configuration.requestsPerSecond, configuration.requestBurst);
  }

  /**
   * @throws {@link ApiError} when the server refuses
   * @throws {@link UnreachableError} when there is no answer; to a read only after some time, if there was one before
   */
  async send(request: ApiRequest): Promise<ApiResponse> {
    for (let attempt = 1; ; attempt += 1) {
      const { code, headers, content } = await this.exchange(request);
      const pause = secondsToRetry(code, headers["retry-after"]);
      if (pause !== undefined && attempt < mostAttempts) {
        await sleep(pause * 1000, undefined, request.signal === undefined ? {} : { signal: request.signal });
        continue;
      }
      const object = content.startsWith("{") ? (JSON.parse(content) as PropertyMap) : undefined;
      if (code >= 300) throw this.refusal(code, object, request);
      return { object: object ?? {}, warnings: warningTexts(headers["warning"]) };
    }
  }

  /** The answer as a stream, for watches. Throws like {@link send}. */
  async stream(request: ApiRequest): Promise<http.IncomingMessage> {
    const response = await this.open(request);
    const code = response.statusCode ?? 0;
    if (code < 300) return response;
    const content = await text(response);
    const status = content.startsWith("{") ? (JSON.parse(content) as PropertyMap) : undefined;
    throw this.refusal(code, status, request);
  }

  /** A login that the server does not accept concerns no single object: the message names the cluster instead. */
  private refusal(code: number, status: PropertyMap | undefined, { method, path }: ApiRequest): ApiError {
    const error = ApiError.fromResponse(code, status, `${method} ${path}`);
    const { server, context, cluster, user } = this.access;
    return code === 401
      ? error.withMessage(explainUnauthorized({ server: server.origin, context, cluster, user }))
      : error;
  }

  /** Sends a read again when its connection breaks: unlike a write, it cannot have changed anything. */
  private async exchange(request: ApiRequest): Promise<Answer> {
    const deadline = performance.now() + this.patience;
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        const response = await this.open(request);
        const content = await text(response).catch((error) => {
          throw this.unreachable(error);
        });
        return { code: response.statusCode ?? 0, headers: response.headers, content };
      } catch (error) {
        const mayRepeat = error instanceof UnreachableError && request.method === "GET" && this.hasAnswered;
        if (!mayRepeat || this.cancelled.aborted || performance.now() + pause > deadline) throw error;
        // A cancellation, the only reason to reject, just ends the pause: the next failure is the last one then.
        await sleep(pause, undefined, { signal: this.cancelled }).catch(() => {});
      }
    }
  }

  private async open(request: ApiRequest): Promise<http.IncomingMessage> {
    await this.rateLimit.pass();
    const { agent: ownAgent, ...credentials } = await this.access.credentials();
    this.agent ??= this.makeAgent(ownAgent, credentials);
    const body = request.body === undefined ? undefined : jsonText(request.body);
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
      const outgoing = this.transport.request(this.url(request), options, (response) => {
        this.hasAnswered = true;
        resolve(response);
      });
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
    const { server, context, cluster } = this.access;
    return new UnreachableError(
      `The Kubernetes API server ${server.origin} (kubeconfig context "${context}", cluster "${cluster}") cannot be ` +
        `reached: ${error.message || error.code}. ${connectionAdvice(error)}`,
    );
  }
}

/**
 * JSON that is YAML as well, which is how the server reads what is applied: YAML does not allow some characters as they
 * are that JSON does.
 */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
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
