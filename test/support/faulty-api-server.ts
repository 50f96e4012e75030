import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { PropertyMap } from "../../sandbox/providers/protocol/property-values";

/** What goes wrong with a request: the connection breaks, or the server refuses it with a status code. */
export type Fault = "reset" | number;

const claims = "persistentvolumeclaims";
const classes = "storageclasses";

/** An API server with one claim and no classes, whose answers can be made to fail. */
export class FaultyApiServer {
  /** `verb resource` of each request, oldest first, e.g. `list storageclasses`. */
  readonly requests: string[] = [];
  /** Faults by `verb resource`: one for the next request, or for every one. */
  readonly faults = new Map<string, { readonly fault: Fault; readonly forever: boolean }>();
  /** The claim as it was written. */
  claim: PropertyMap = {};
  /** How far the volume controller is with the claim. */
  phase: "Pending" | "Bound" = "Bound";
  private readonly watches = new Set<ServerResponse>();
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  async listen(): Promise<URL> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Ends the open watches in the middle. */
  breakWatches(): void {
    for (const watch of this.watches) watch.destroy();
    this.watches.clear();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://server");
    const verb = verbOf(request.method ?? "", url);
    const resource = [claims, classes].find((plural) => url.pathname.includes(plural)) ?? "kinds";
    const name = `${verb} ${resource}`;
    const body = await text(request);
    this.requests.push(name);
    const { fault, forever } = this.faults.get(name) ?? {};
    if (!forever) this.faults.delete(name);
    if (fault === "reset") return void response.destroy();
    if (fault !== undefined) {
      return reply(response, fault, { kind: "Status", code: fault, message: refusal(fault, verb, resource) });
    }
    if (resource === "kinds") return reply(response, 200, kinds(url.pathname));
    if (verb === "watch") {
      this.watches.add(response);
      response.writeHead(200).flushHeaders();
      // As if the claim had changed since the list.
      if (resource === claims) response.write(`${JSON.stringify({ type: "MODIFIED", object: this.live() })}\n`);
      return;
    }
    if (verb === "list") {
      const items = resource === classes ? [] : [this.live()];
      return reply(response, 200, { metadata: { resourceVersion: "1" }, items });
    }
    if (body !== "") this.claim = JSON.parse(body) as PropertyMap;
    reply(response, 200, this.live());
  }

  private live(): PropertyMap {
    const metadata = { ...(this.claim["metadata"] as PropertyMap), uid: "1", resourceVersion: "1" };
    return { ...this.claim, metadata, status: { phase: this.phase } };
  }
}

function verbOf(method: string, url: URL): string {
  if (url.searchParams.has("watch")) return "watch";
  if (method !== "GET") return method === "POST" ? "create" : "apply";
  return [claims, classes].some((plural) => url.pathname.endsWith(plural)) ? "list" : "get";
}

/** The server's words for a status code. */
function refusal(code: number, verb: string, resource: string): string {
  if (code === 401) return "Unauthorized";
  return code === 403 ? `${resource} is forbidden: User "dev" cannot ${verb} it` : "etcdserver: request timed out";
}

/** The discovery document of the core group, or of the others. */
function kinds(path: string): PropertyMap {
  const inCore = path === "/api";
  const resources = inCore
    ? [{ resource: claims, responseKind: { kind: "PersistentVolumeClaim" }, scope: "Namespaced" }]
    : [{ resource: classes, responseKind: { kind: "StorageClass" }, scope: "Cluster" }];
  return { items: [{ metadata: { name: inCore ? "" : "storage.k8s.io" }, versions: [{ version: "v1", resources }] }] };
}

function reply(response: ServerResponse, code: number, body: PropertyMap): void {
  response.writeHead(code, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}
