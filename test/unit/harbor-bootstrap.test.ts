import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { desiredState, type ProjectFacts, type RobotFacts } from "../../components/registry/desired-state";
import { bootstrapFiles } from "../../components/registry/registry-bootstrap";
import { FakeHarbor } from "../support/fake-harbor";
import { freePort } from "../support/free-port";
import { testWith } from "../support/requirements";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const whenPython = testWith("python3", hasPython);

const project: ProjectFacts = {
  name: "kubekloud",
  public: false,
  autoScan: true,
  preventVulnerable: false,
  severity: "high",
  storageLimit: -1,
  immutableTags: [],
};
const cluster: RobotFacts = {
  project: "kubekloud",
  name: "cluster",
  description: "Pulls",
  actions: ["pull"],
  days: 365,
  rotation: 1,
};
const ci: RobotFacts = { ...cluster, name: "ci", description: "Builds", actions: ["pull", "push"] };
const SECRETS = { cluster: "Cluster-Secret-1", ci: "Builder-Secret-1" };

let folder: string;
let harbor: FakeHarbor;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "harbor-bootstrap-"));
  harbor = new FakeHarbor();
});

afterEach(async () => {
  await harbor.close();
  rmSync(folder, { recursive: true });
});

interface Order {
  readonly port: number;
  readonly projects?: readonly ProjectFacts[];
  readonly robots?: readonly RobotFacts[];
  readonly password?: string;
  readonly waitSeconds?: number;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly system?: Readonly<Record<string, string | number | boolean>>;
}

/** Runs the script as the Job does. */
async function run(order: Order): Promise<{ code: number | null; output: string }> {
  const { projects = [project], robots = [cluster, ci], secrets = SECRETS, waitSeconds = 60 } = order;
  const credentials = join(folder, "credentials");
  mkdirSync(credentials, { recursive: true });
  writeFileSync(join(credentials, "administrator"), order.password ?? harbor.password);
  for (const [name, secret] of Object.entries(secrets)) {
    writeFileSync(join(credentials, `robot.kubekloud.${name}`), secret);
  }
  for (const [name, content] of Object.entries(bootstrapFiles)) {
    writeFileSync(join(folder, name), content);
  }
  writeFileSync(join(folder, "desired.json"), desiredState(projects, robots, order.system));
  const child = spawn("python3", ["-B", join(folder, "registry_bootstrap.py")], {
    env: {
      PATH: process.env["PATH"],
      DESIRED_STATE: join(folder, "desired.json"),
      HARBOR_URL: `http://127.0.0.1:${order.port}`,
      HARBOR_USERNAME: "admin",
      HTTP_PROXY: "http://127.0.0.1:1", // must not be used for a Service of the cluster
      CREDENTIALS_DIRECTORY: credentials,
      RETRY_PAUSE_SECONDS: "0.01",
      WAIT_SECONDS: String(waitSeconds),
    },
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => printed.push(text));
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const output = printed.join("");
  for (const secret of [...Object.values(secrets), order.password ?? harbor.password]) {
    expect(output).not.toContain(secret);
  }
  return { code, output };
}

const robotNamed = (name: string) => harbor.robots.find((each) => each.name === `robot$kubekloud+${name}`);

whenPython("makes the project and the robots with the secrets that it was given", async () => {
  const port = await harbor.listen();
  expect(await run({ port })).toMatchObject({ code: 0 });
  expect(harbor.projects).toEqual([
    expect.objectContaining({
      name: "kubekloud",
      metadata: { public: "false", auto_scan: "true", prevent_vul: "false", severity: "high" },
      quota: -1,
    }),
  ]);
  expect(robotNamed("cluster")).toMatchObject({
    secret: SECRETS.cluster,
    body: {
      level: "project",
      duration: 365,
      permissions: [{ kind: "project", namespace: "kubekloud", access: [{ resource: "repository", action: "pull" }] }],
    },
  });
  expect(robotNamed("ci")).toMatchObject({
    secret: SECRETS.ci,
    body: { permissions: [{ access: [{ action: "pull" }, { action: "push" }] }] },
  });
});

whenPython("a second run changes nothing", async () => {
  const port = await harbor.listen();
  await run({ port });
  const before = JSON.stringify([harbor.projects, harbor.robots.map(({ id, name, secret }) => ({ id, name, secret }))]);
  harbor.requests.length = 0;
  expect(await run({ port })).toMatchObject({ code: 0 });
  expect(JSON.stringify([harbor.projects, harbor.robots.map(({ id, name, secret }) => ({ id, name, secret }))])).toBe(
    before,
  );
  expect(harbor.requests.filter((each) => /^(POST|DELETE)/.test(each))).toEqual([]);
});

whenPython("a changed robot keeps its account and gets the new rights and the new secret", async () => {
  const port = await harbor.listen();
  await run({ port });
  const id = robotNamed("cluster")?.id;
  const more = { ...cluster, actions: ["pull", "push"] as const };
  expect(await run({ port, robots: [more, ci], secrets: { ...SECRETS, cluster: "Another-Secret-2" } })).toMatchObject({
    code: 0,
  });
  expect(robotNamed("cluster")).toMatchObject({
    id,
    secret: "Another-Secret-2",
    body: { permissions: [{ access: [{ action: "pull" }, { action: "push" }] }] },
  });
});

whenPython("what somebody changed in the portal is put right", async () => {
  const port = await harbor.listen();
  await run({ port });
  Object.assign(harbor.projects[0]?.metadata ?? {}, { public: "true" });
  const { output } = await run({ port });
  expect(harbor.projects[0]?.metadata["public"]).toBe("false");
  expect(output).toContain("project kubekloud: changed public");
});

whenPython("finds its robot behind the first page of the list", async () => {
  const port = await harbor.listen();
  await run({ port, robots: [] });
  const projectId = harbor.projects[0]?.id ?? 0;
  for (let number = 0; number < 120; number += 1) {
    harbor.addRobot(projectId, { name: `other-${number}`, duration: -1, description: "made by people" });
  }
  harbor.addRobot(projectId, { name: "cluster", duration: 365, description: "Pulls" });
  expect(await run({ port })).toMatchObject({ code: 0 });
  expect(harbor.robots.filter(({ name }) => name.endsWith("+cluster"))).toHaveLength(1);
  expect(robotNamed("cluster")?.secret).toBe(SECRETS.cluster);
});

whenPython("survives that somebody else makes the project or the robot at the same time", async () => {
  const port = await harbor.listen();
  harbor.raceForRobot = true;
  expect(await run({ port })).toMatchObject({ code: 0 });
  expect(robotNamed("cluster")?.secret).toBe(SECRETS.cluster);
});

whenPython("a robot that nobody wants any more is deleted, people's own robots stay", async () => {
  const port = await harbor.listen();
  await run({ port });
  harbor.addRobot(harbor.projects[0]?.id ?? 0, { name: "hand-made", duration: -1, description: "for the night shift" });
  expect(await run({ port, robots: [cluster] })).toMatchObject({ code: 0 });
  expect(harbor.robots.map(({ name }) => name).sort()).toEqual([
    "robot$kubekloud+cluster",
    "robot$kubekloud+hand-made",
  ]);
});

whenPython(
  "robots of a project that nobody wants any more are deleted; the project and people's robots stay",
  async () => {
    const port = await harbor.listen();
    await run({ port });
    harbor.addRobot(harbor.projects[0]?.id ?? 0, {
      name: "hand-made",
      duration: -1,
      description: "for the night shift",
    });
    expect(await run({ port, projects: [{ ...project, name: "tools" }], robots: [] })).toMatchObject({ code: 0 });
    expect(harbor.projects.map(({ name }) => name)).toEqual(["kubekloud", "tools"]);
    expect(harbor.robots.map(({ name }) => name)).toEqual(["robot$kubekloud+hand-made"]);
  },
);

whenPython("a robot in the last third of its life is made anew, with the same secret", async () => {
  const port = await harbor.listen();
  await run({ port });
  const old = robotNamed("cluster");
  if (old !== undefined) {
    old.expiresAt = Math.floor(Date.now() / 1000) + 100 * 86_400;
  }
  expect(await run({ port })).toMatchObject({ code: 0 });
  expect(robotNamed("cluster")?.id).not.toBe(old?.id);
  expect(robotNamed("cluster")).toMatchObject({ secret: SECRETS.cluster });
});

whenPython("sets quota, immutable tags and retention, once", async () => {
  const port = await harbor.listen();
  const strict: ProjectFacts = {
    ...project,
    storageLimit: 10 * 2 ** 30,
    immutableTags: [{ repositories: "**", tags: "v*" }],
    retention: {
      cron: "0 0 3 * * *",
      rules: [
        { template: "latestPushedK", count: 10, repositories: "**", tags: "**" },
        { template: "always", repositories: "**", tags: "v*" },
      ],
    },
  };
  await run({ port });
  for (let round = 0; round < 2; round += 1) {
    expect(await run({ port, projects: [strict] })).toMatchObject({ code: 0 });
  }
  expect(harbor.projects[0]).toMatchObject({
    quota: 10_737_418_240,
    immutableTags: [
      {
        action: "immutable",
        template: "immutable_template",
        tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: "v*" }],
        scope_selectors: { repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: "**" }] },
      },
    ],
  });
  expect([...harbor.retentions.values()]).toEqual([
    expect.objectContaining({
      algorithm: "or",
      scope: { level: "project", ref: harbor.projects[0]?.id },
      rules: [
        expect.objectContaining({ action: "retain", template: "latestPushedK", params: { latestPushedK: 10 } }),
        expect.objectContaining({ template: "always", params: {} }),
      ],
    }),
  ]);
});

whenPython("waits for a Harbor that is not there yet", async () => {
  const port = await freePort();
  const running = run({ port });
  await harbor.listen(port);
  expect(await running).toMatchObject({ code: 0 });
});

whenPython("waits until the parts that it needs are healthy, and for no others", async () => {
  harbor.sick.push(["core", "database"], ["database"]);
  harbor.alwaysSick.push("trivy");
  const { code, output } = await run({ port: await harbor.listen() });
  expect(code).toBe(0);
  expect(output).toContain("waiting for Harbor: not healthy: core, database");
  expect(output).toContain("goes on although not healthy: trivy");
});

whenPython("repeats what failed on Harbor's side", async () => {
  harbor.failures.push(500, 503, 502);
  expect(await run({ port: await harbor.listen() })).toMatchObject({ code: 0 });
});

whenPython("gives up with its own exit code when Harbor does not come up", async () => {
  harbor.alwaysSick.push("database");
  const { code, output } = await run({ port: await harbor.listen(), waitSeconds: 0.2 });
  expect(code).toBe(4);
  expect(output).toContain("Harbor did not come up");
});

whenPython("a wrong administrator password is told at once, with what to do", async () => {
  const { code, output } = await run({ port: await harbor.listen(), password: "Wrong-Password-1" });
  expect(code).toBe(3);
  expect(output).toContain("platform:harbor.administratorPassword");
  expect(harbor.requests).toHaveLength(1);
});

whenPython("a refusal is reported in Harbor's words", async () => {
  const { code, output } = await run({ port: await harbor.listen(), secrets: { cluster: "weak", ci: SECRETS.ci } });
  expect(code).toBe(1);
  expect(output).toContain("BAD_REQUEST: the secret must be 8-128 characters");
});

whenPython("wrong input ends it before Harbor is asked", async () => {
  const { code, output } = await run({ port: await harbor.listen(), robots: [{ ...cluster, name: "unknown" }] });
  expect(code).toBe(2);
  expect(output).toContain("cannot read the input");
  expect(harbor.requests).toEqual([]);
});

whenPython("system settings are set where they differ, and others are left as people have set them", async () => {
  const port = await harbor.listen();
  harbor.configuration["session_timeout"] = 15;
  const system = { project_creation_restriction: "adminonly", token_expiration: 45 };
  const first = await run({ port, system });
  expect(first).toMatchObject({ code: 0 });
  expect(first.output).toContain("system settings: changed project_creation_restriction, token_expiration");
  expect(harbor.configuration).toEqual({ ...system, session_timeout: 15 });

  harbor.requests.length = 0;
  expect(await run({ port, system })).toMatchObject({ code: 0 });
  expect(harbor.requests).not.toContain("PUT /configurations");
  harbor.requests.length = 0;
  expect(await run({ port })).toMatchObject({ code: 0 });
  expect(harbor.requests).not.toContain("GET /configurations");
});
