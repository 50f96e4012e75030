import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Json = Readonly<Record<string, unknown>>;

/** A robot as Harbor keeps it. */
export interface FakeRobot {
  readonly id: number;
  readonly projectId: number;
  name: string;
  secret: string;
  /** Seconds since 1970, -1: never. */
  expiresAt: number;
  body: Json;
}

export interface FakeProject {
  readonly id: number;
  readonly name: string;
  metadata: Record<string, string>;
  quota: number;
  readonly immutableTags: Json[];
}

/** What one request gets: a status and a body. */
type Reply = readonly [status: number, body?: unknown, headers?: Record<string, string>];

/** A server that answers as the documented parts of Harbor's API v2.0 do, for the script that sets up projects and robots. */
export class FakeHarbor {
  readonly password = "Admin-Password-1";
  readonly projects: FakeProject[] = [];
  readonly robots: FakeRobot[] = [];
  readonly retentions = new Map<number, Json>();
  readonly configuration: Record<string, unknown> = { session_timeout: 60, project_creation_restriction: "everyone" };
  /** `METHOD path`, without the query. */
  readonly requests: string[] = [];
  /** Answers to the next requests besides the health checks, instead of the real ones. */
  readonly failures: number[] = [];
  /** States of health to report before all is well: the components that are not healthy. */
  readonly sick: string[][] = [];
  /** Components that never get well. */
  readonly alwaysSick: string[] = [];
  /** Lets the next robot appear between the list and the creation, as another run would. */
  raceForRobot = false;
  private nextId = 1;
  private server: Server | undefined;

  /** @param port 0: any free one */
  async listen(port = 0): Promise<number> {
    const server = createServer((request, response) => void this.handle(request, response));
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    this.server = server;
    return (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => (this.server === undefined ? resolve(undefined) : this.server.close(resolve)));
  }

  addRobot(projectId: number, body: Json, secret = "generated-by-Harbor-1"): FakeRobot {
    const project = this.projects.find(({ id }) => id === projectId);
    const days = Number(body["duration"]);
    const robot = {
      id: this.id(),
      projectId,
      name: `robot$${project?.name}+${String(body["name"])}`,
      secret,
      expiresAt: days < 0 ? -1 : Math.floor(Date.now() / 1000) + days * 86_400,
      body,
    };
    this.robots.push(robot);
    return robot;
  }

  private id(): number {
    this.nextId += 1;
    return this.nextId;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://harbor");
    const path = url.pathname.replace("/api/v2.0", "");
    const method = request.method ?? "";
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const text = Buffer.concat(chunks).toString();
    if (path !== "/health") {
      this.requests.push(`${method} ${path}`);
    }
    const [status, body, headers] = this.reply(
      method,
      path,
      url.searchParams,
      request,
      text === "" ? {} : JSON.parse(text),
    );
    response.writeHead(status, { "content-type": "application/json", "set-cookie": "sid=1", ...headers });
    response.end(body === undefined || method === "HEAD" ? undefined : JSON.stringify(body));
  }

  private reply(method: string, path: string, query: URLSearchParams, request: IncomingMessage, body: Json): Reply {
    if (path === "/health") {
      return [200, this.health()];
    }
    const failure = this.failures.shift();
    if (failure !== undefined) {
      return error(failure, "UNKNOWN", "internal server error");
    }
    if (request.headers.cookie !== undefined) {
      return error(403, "FORBIDDEN", "CSRF token not found in request");
    }
    const login = `Basic ${Buffer.from(`admin:${this.password}`).toString("base64")}`;
    if (request.headers.authorization !== login) {
      return error(401, "UNAUTHORIZED", "unauthorized");
    }
    return this.route(method, path, query, body);
  }

  private health(): Json {
    const sick = [...(this.sick.shift() ?? []), ...this.alwaysSick];
    const components = ["core", "database", "redis", "registry", "registryctl", "jobservice", "portal", "trivy"].map(
      (name) => ({ name, status: sick.includes(name) ? "unhealthy" : "healthy" }),
    );
    return { status: sick.length === 0 ? "healthy" : "unhealthy", components };
  }

  private route(method: string, path: string, query: URLSearchParams, body: Json): Reply {
    const [, first, second, third] = path.split("/");
    const route = `${method} ${first}${second === undefined ? "" : "/*"}${third === undefined ? "" : `/${third}`}`;
    const project = this.projects.find(({ name }) => name === decodeURIComponent(second ?? ""));
    const robot = this.robots.find(({ id }) => id === Number(second));
    switch (route) {
      case "HEAD projects":
        return [this.projects.some(({ name }) => name === query.get("project_name")) ? 200 : 404];
      case "GET projects":
        return [200, this.projects.map(({ id, name }) => ({ project_id: id, name }))];
      case "POST projects":
        return this.createProject(body);
      case "GET projects/*":
        return project === undefined
          ? error(404, "NOT_FOUND", "project")
          : [200, { project_id: project.id, name: project.name, metadata: project.metadata }];
      case "PUT projects/*":
        Object.assign(project?.metadata ?? {}, body["metadata"]);
        return [200];
      case "GET projects/*/immutabletagrules":
        return [200, project?.immutableTags ?? []];
      case "POST projects/*/immutabletagrules":
        project?.immutableTags.push(body);
        return [201, undefined, { location: `${path}/1` }];
      case "GET quotas":
        return [200, this.quotas(Number(query.get("reference_id")))];
      case "PUT quotas/*":
        return this.setQuota(Number(second), body);
      case "GET robots":
        return [200, this.listRobots(query)];
      case "POST robots":
        return this.createRobot(body);
      case "PUT robots/*":
        return this.updateRobot(robot, body);
      case "PATCH robots/*":
        return this.setSecret(robot, String(body["secret"]));
      case "DELETE robots/*":
        this.robots.splice(0, this.robots.length, ...this.robots.filter((each) => each !== robot));
        return [200];
      case "GET configurations":
        return [
          200,
          Object.fromEntries(
            Object.entries(this.configuration).map(([key, value]) => [key, { value, editable: true }]),
          ),
        ];
      case "PUT configurations":
        Object.assign(this.configuration, body);
        return [200];
      case "POST retentions":
        return this.createRetention(body);
      case "PUT retentions/*":
        this.retentions.set(Number(second), body);
        return [200];
      default:
        return error(404, "NOT_FOUND", route);
    }
  }

  private createProject(body: Json): Reply {
    const name = String(body["project_name"]);
    const metadata = body["metadata"] as Record<string, string>;
    if (Object.values(metadata).some((value) => typeof value !== "string")) {
      return error(400, "BAD_REQUEST", "metadata values have to be strings");
    }
    if (this.projects.some((each) => each.name === name)) {
      return error(409, "CONFLICT", `The project named ${name} already exists`);
    }
    const quota = Number(body["storage_limit"]);
    const project = { id: this.id(), name, metadata: { ...metadata }, quota, immutableTags: [] };
    this.projects.push(project);
    return [201, undefined, { location: `/api/v2.0/projects/${project.id}` }];
  }

  private quotas(projectId: number): Json[] {
    return this.projects
      .filter(({ id }) => id === projectId)
      .map(({ id, quota }) => ({ id: id + 1000, hard: { storage: quota } }));
  }

  private setQuota(quotaId: number, body: Json): Reply {
    const project = this.projects.find(({ id }) => id + 1000 === quotaId);
    if (project !== undefined) {
      project.quota = (body["hard"] as { storage: number }).storage;
    }
    return [200];
  }

  private listRobots(query: URLSearchParams): Json[] {
    const projectId = Number(/ProjectID=(\d+)/.exec(query.get("q") ?? "")?.[1] ?? Number.NaN);
    const size = Number(query.get("page_size") ?? 10);
    const start = (Number(query.get("page") ?? 1) - 1) * size;
    return this.robots
      .filter((each) => each.projectId === projectId)
      .slice(start, start + size)
      .map(({ id, name, expiresAt, body }) => ({ ...body, id, name, expires_at: expiresAt }));
  }

  private createRobot(body: Json): Reply {
    const [permission] = body["permissions"] as { namespace: string }[];
    const project = this.projects.find(({ name }) => name === permission?.namespace);
    if (project === undefined || body["level"] !== "project") {
      return error(400, "BAD_REQUEST", "bad request permission");
    }
    if (this.raceForRobot) {
      this.raceForRobot = false;
      this.addRobot(project.id, body);
    }
    if (this.robots.some((each) => each.name === `robot$${project.name}+${String(body["name"])}`)) {
      return error(409, "CONFLICT", "robot account already exists");
    }
    const { id, name, secret, expiresAt } = this.addRobot(project.id, body); // a secret in the body is ignored
    return [201, { id, name, secret, expires_at: expiresAt }, { location: `/api/v2.0/robots/${id}` }];
  }

  private updateRobot(robot: FakeRobot | undefined, body: Json): Reply {
    if (robot === undefined || robot.name !== body["name"]) {
      return error(400, "BAD_REQUEST", "cannot update the level or name of robot");
    }
    robot.body = body;
    return [200];
  }

  private setSecret(robot: FakeRobot | undefined, secret: string): Reply {
    const strong = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{8,128}$/.test(secret);
    if (robot === undefined || !strong) {
      return error(400, "BAD_REQUEST", "the secret must be 8-128 characters with upper, lower and digit");
    }
    robot.secret = secret;
    return [200, { secret }];
  }

  private createRetention(body: Json): Reply {
    const { ref } = body["scope"] as { ref: number };
    const project = this.projects.find(({ id }) => id === ref);
    if (project === undefined || project.metadata["retention_id"] !== undefined) {
      return error(400, "BAD_REQUEST", "project already has retention policy");
    }
    const id = this.id();
    this.retentions.set(id, body);
    project.metadata["retention_id"] = String(id);
    return [201, undefined, { location: `/api/v2.0/retentions/${id}` }];
  }
}

function error(status: number, code: string, message: string): Reply {
  return [status, { errors: [{ code, message }] }];
}
