import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

const SECRET_PATH = "/api/v1/namespaces/vault/secrets/vault-unseal-keys";
const ACCOUNT_PATH = "/api/v1/namespaces/vault/serviceaccounts/cp-cluster-admin";

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** The calls of the Kubernetes API that the bootstrap of Vault makes: one Secret, and tokens of one account. */
export class FakeKubernetes {
  /** What the Secret holds, in base64 as in the API. */
  data: Record<string, string> = {};
  /** Tokens that it gave out, oldest first. */
  readonly tokens: string[] = [];
  /** `METHOD path` of each request. */
  readonly requests: string[] = [];
  refusesWrites = false;
  /** Changes when the account is made anew. */
  accountUid = "11111111-0000-4000-8000-000000000000";
  /** Seconds since 1970. Tokens are counted from here. */
  now = Math.floor(Date.now() / 1000);
  /** Token of the pod, which every request has to show. */
  readonly podToken = "pod-token-of-the-bootstrap";
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      this.answer(request).then(
        ({ status, body }) => {
          response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
        },
        (error: unknown) => response.destroy(error as Error),
      );
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** An entry of the Secret as text. */
  entry(name: string): string | undefined {
    const value = this.data[name];
    return value === undefined ? undefined : Buffer.from(value, "base64").toString();
  }

  private async answer(request: IncomingMessage): Promise<Reply> {
    const { method = "", url = "" } = request;
    const [path = ""] = url.split("?");
    this.requests.push(`${method} ${path}`);
    const body = await text(request);
    if (request.headers.authorization !== `Bearer ${this.podToken}`) {
      return refusal(401, "Unauthorized");
    }
    switch (`${method} ${path}`) {
      case `GET ${SECRET_PATH}`:
        return { status: 200, body: this.secret() };
      case `PATCH ${SECRET_PATH}`:
        return this.patch(request, body);
      case `GET ${ACCOUNT_PATH}`:
        return { status: 200, body: { metadata: { name: "cp-cluster-admin", uid: this.accountUid } } };
      case `POST ${ACCOUNT_PATH}/token`:
        return { status: 201, body: { status: { token: this.token(body) } } };
      default:
        return refusal(403, `${method} ${path} is forbidden`);
    }
  }

  /** Merges as RFC 7396 wants it: null removes. */
  private patch(request: IncomingMessage, body: string): Reply {
    if (this.refusesWrites) {
      return refusal(403, 'secrets "vault-unseal-keys" is forbidden');
    }
    if (request.headers["content-type"] !== "application/merge-patch+json") {
      return refusal(415, "the body of the request was in an unknown format");
    }
    const { data } = JSON.parse(body) as { data: Record<string, string | null> };
    for (const [name, value] of Object.entries(data)) {
      if (value === null) {
        delete this.data[name];
      } else {
        this.data[name] = value;
      }
    }
    return { status: 200, body: this.secret() };
  }

  private secret() {
    return { kind: "Secret", metadata: { name: "vault-unseal-keys", namespace: "vault" }, data: this.data };
  }

  private token(body: string): string {
    const { spec } = JSON.parse(body) as { spec: { expirationSeconds: number } };
    const claims = {
      iat: this.now,
      exp: this.now + spec.expirationSeconds,
      jti: String(this.tokens.length),
      "kubernetes.io": { serviceaccount: { name: "cp-cluster-admin", uid: this.accountUid } },
    };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${part({ alg: "none" })}.${part(claims)}.signature`;
    this.tokens.push(token);
    return token;
  }
}

function refusal(status: number, message: string): Reply {
  return { status, body: { kind: "Status", message } };
}
