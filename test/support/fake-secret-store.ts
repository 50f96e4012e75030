import { mkdirSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { testAuthority, testCertificate } from "./test-certificates";

/** The part of the Kubernetes API that reads Secrets and applies to them, with a token as service accounts have it. */
export class FakeSecretStore {
  /** Decoded data by `namespace/name`. A Secret that is not here is one that the token's account may not see. */
  readonly secrets = new Map<string, Record<string, string>>();
  /** `METHOD namespace/name` of each request. */
  readonly requests: string[] = [];
  private server: Server | undefined;

  /**
   * Listens on a free loopback port.
   * @param accountDirectory where the files of the service account are put
   * @returns the variables that pods have
   */
  async listen(accountDirectory: string): Promise<Record<string, string>> {
    const authority = await testAuthority("kubernetes");
    const { certificate, key } = await testCertificate(["localhost"], authority);
    const server = createServer({ cert: certificate, key }, (request, response) => void this.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.server = server;
    mkdirSync(accountDirectory, { recursive: true });
    writeFileSync(join(accountDirectory, "ca.crt"), authority.certificate);
    writeFileSync(join(accountDirectory, "token"), "token-of-the-account");
    return {
      KUBERNETES_SERVICE_HOST: "localhost",
      KUBERNETES_SERVICE_PORT: String((server.address() as AddressInfo).port),
    };
  }

  async close(): Promise<void> {
    await new Promise((resolve) => (this.server === undefined ? resolve(undefined) : this.server.close(resolve)));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const { pathname, searchParams } = new URL(request.url ?? "", "https://kubernetes");
    const [, namespace, name] = /^\/api\/v1\/namespaces\/([^/]+)\/secrets\/([^/]+)$/.exec(pathname) ?? [];
    const identity = `${namespace}/${name}`;
    this.requests.push(`${request.method} ${identity}`);
    const data = this.secrets.get(identity);
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== "Bearer token-of-the-account" || data === undefined) {
      answer(403, { kind: "Status", message: "forbidden" });
      return;
    }
    if (request.method === "PATCH") {
      const applies = request.headers["content-type"] === "application/apply-patch+yaml";
      if (!applies || searchParams.get("fieldManager") === null) {
        answer(415, { kind: "Status", message: "not an apply" });
        return;
      }
      const applied = JSON.parse(Buffer.concat(chunks).toString()) as { data: Record<string, string> };
      Object.assign(
        data,
        mapValues(applied.data, (each) => Buffer.from(each, "base64").toString()),
      );
    }
    const encoded = mapValues(data, (each) => Buffer.from(each).toString("base64"));
    // As the API server does, a Secret without content is shown without the field.
    answer(200, { kind: "Secret", ...(Object.keys(data).length > 0 && { data: encoded }) });
  }
}

function mapValues(record: Readonly<Record<string, string>>, change: (value: string) => string) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
