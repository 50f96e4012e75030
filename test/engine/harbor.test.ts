import { createPrivateKey } from "node:crypto";
import { compareSync } from "bcryptjs";
import type { RunResult } from "../../sandbox/engine/run";
import { PlatformRun } from "./platform-support";

/** Harbor alone, on the real engine and a real API server. The tests build on each other. */
let platform: PlatformRun;

beforeAll(async () => {
  platform = await PlatformRun.start();
  platform.leaveOut("dev", ["openchecker", "kpaas", "pipeline", "sourceControl", "openhands"]);
});

afterAll(() => platform.remove());

const NAMESPACE = "/api/v1/namespaces/harbor-system";
const JOBS = "/apis/batch/v1/namespaces/harbor-system/jobs";

/** The Jobs that the program made. The daily CronJob makes some as well, and its hour may come during the test. */
async function bootstrapJobs(): Promise<string[]> {
  type Jobs = { items: { metadata: { name: string; ownerReferences?: unknown[] } }[] };
  const { items } = (await platform.api<Jobs>("GET", JOBS)) ?? { items: [] };
  return items.filter(({ metadata }) => metadata.ownerReferences === undefined).map(({ metadata }) => metadata.name);
}

async function secret(name: string): Promise<Record<string, string>> {
  const found = await platform.api<{ data?: Record<string, string> }>("GET", `${NAMESPACE}/secrets/${name}`);
  const entries = Object.entries(found?.data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

const changed = ({ changes }: RunResult) =>
  changes
    .filter(({ kind }) => kind !== "same" && kind !== "read")
    .map(({ kind, label }) => `${kind} ${label}`)
    .sort();

test("up brings every part up, and the job that makes the projects ends", async () => {
  const { counts, outputs } = await platform.run("up", "dev");
  expect(counts).toMatchObject({ delete: 0, replace: 0 });
  expect(outputs["urls"]?.value).toMatchObject({ harbor: "http://harbor.local:30002" });
  for (const part of ["core", "exporter", "jobservice", "nginx", "portal", "registry"]) {
    const path = `/apis/apps/v1/namespaces/harbor-system/deployments/harbor-${part}`;
    expect(await platform.api("GET", path)).toMatchObject({ status: { readyReplicas: 1 } });
  }
  for (const part of ["database", "redis", "trivy"]) {
    const path = `/apis/apps/v1/namespaces/harbor-system/statefulsets/harbor-${part}`;
    expect(await platform.api("GET", path)).toMatchObject({ status: { readyReplicas: 1 } });
  }
  expect(await platform.names(`${NAMESPACE}/persistentvolumeclaims`)).toEqual([
    "data-harbor-redis-0",
    "data-harbor-trivy-0",
    "database-data-harbor-database-0",
    "harbor-jobservice",
    "harbor-registry",
  ]);
  const [job = ""] = await bootstrapJobs();
  expect(await platform.api("GET", `${JOBS}/${job}`)).toMatchObject({ status: { succeeded: 1 } });
});

test("every secret has exactly the form that Harbor wants", async () => {
  const files = await secret("harbor-core-files");
  expect(files["secretKey"]).toMatch(/^[A-Za-z0-9]{16}$/);
  expect(files["tls.key"]).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/); // PKCS#1
  const key = createPrivateKey(files["tls.key"] ?? "");
  expect(key.asymmetricKeyType).toBe("rsa");

  const core = await secret("harbor-core");
  expect(core["CSRF_KEY"]).toMatch(/^[A-Za-z0-9]{32}$/);
  for (const name of ["CORE_SECRET", "JOBSERVICE_SECRET"]) {
    expect(core[name]).toMatch(/^[A-Za-z0-9]{16}$/);
  }
  expect(core["HARBOR_ADMIN_PASSWORD"]).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9]{32}$/);
  expect((await secret("harbor-jobservice"))["JOBSERVICE_SECRET"]).toBe(core["JOBSERVICE_SECRET"]);
  expect((await secret("harbor-registryctl"))["CORE_SECRET"]).toBe(core["CORE_SECRET"]);
  expect((await secret("harbor-database"))["POSTGRES_PASSWORD"]).toBe(core["POSTGRESQL_PASSWORD"]);
  expect((await secret("harbor-registry"))["REGISTRY_HTTP_SECRET"]).toMatch(/^[A-Za-z0-9]{16}$/);

  const { REGISTRY_HTPASSWD: line = "" } = await secret("harbor-registry-htpasswd");
  const [user, hash = ""] = line.split(":");
  expect(user).toBe(core["REGISTRY_CREDENTIAL_USERNAME"]);
  expect(compareSync(core["REGISTRY_CREDENTIAL_PASSWORD"] ?? "", hash)).toBe(true);

  const robots = await secret("harbor-bootstrap");
  for (const name of ["robot.kubekloud.cluster", "robot.kubekloud.ci"]) {
    expect(robots[name]).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9]{32}$/);
  }
});

test("a second up changes nothing and no secret is written down in plain text", async () => {
  const { counts } = await platform.run("up", "dev", { expectNoChanges: true });
  expect(counts).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
  const core = await secret("harbor-core");
  const secrets = [
    ...["CSRF_KEY", "CORE_SECRET", "HARBOR_ADMIN_PASSWORD", "POSTGRESQL_PASSWORD"].map((name) => core[name] ?? ""),
    ...Object.values(await secret("harbor-core-files")),
    ...Object.values(await secret("harbor-bootstrap")),
    ...Object.values(await secret("harbor-registry-htpasswd")),
  ];
  const written = platform.writtenText();
  expect(written).toContain("harbor-core-files"); // it is the right text
  for (const text of secrets) {
    expect(text.length).toBeGreaterThan(0);
    expect(written.includes(text)).toBe(false);
    expect(written.includes(Buffer.from(text).toString("base64"))).toBe(false);
  }
});

test("another number of pods changes one workload and adds its disruption budget", async () => {
  platform.set("dev", ["platform:harbor", "replicas", "portal"], 2);
  expect(changed(await platform.run("up", "dev"))).toEqual([
    "create PodDisruptionBudget harbor-system/harbor-portal",
    "update Deployment harbor-system/harbor-portal",
  ]);
});

test("another project runs the job again and restarts none of Harbor's parts", async () => {
  const [before] = await bootstrapJobs();
  platform.set("dev", ["platform:harbor", "projects"], { kubekloud: {}, tools: { public: true } });
  const changes = changed(await platform.run("up", "dev"));
  expect(changes.filter((each) => / (Deployment|StatefulSet) /.test(each))).toEqual([]);
  const after = await bootstrapJobs();
  expect(after).toHaveLength(1);
  expect(after).not.toContain(before);
  expect(changes).toContain(`replace Job harbor-system/${before}`); // which goes once the new one is there
});

test("a rotated robot gets a new secret, and the others keep theirs", async () => {
  const before = await secret("harbor-bootstrap");
  platform.set("dev", ["platform:harbor", "robots", "ci", "rotation"], 2);
  const [job] = await bootstrapJobs();
  const changes = changed(await platform.run("up", "dev"));
  expect(changes).toEqual([
    `replace Job harbor-system/${job}`,
    "replace RandomPassword harbor-bootstrap-kubekloud-ci-secret",
    "replace RandomPassword harbor-bootstrap-tools-ci-secret",
    "update Secret harbor-system/harbor-bootstrap",
  ]);
  const after = await secret("harbor-bootstrap");
  expect(after["robot.kubekloud.ci"]).not.toBe(before["robot.kubekloud.ci"]);
  expect(after["robot.kubekloud.cluster"]).toBe(before["robot.kubekloud.cluster"]);
});

test("guarded data survives the removal of Harbor from the stack", async () => {
  platform.set("dev", ["platform:lifecycle"], { protectData: true, retainData: true });
  await platform.run("up", "dev");
  await expect(platform.run("destroy", "dev")).rejects.toThrow(/protect/);
  platform.set("dev", ["platform:lifecycle"], { protectData: false, retainData: true });
  await platform.run("up", "dev");
  await platform.run("destroy", "dev");
  expect(await platform.names("/apis/apps/v1/namespaces/harbor-system/deployments")).toEqual([]);
  expect(await platform.names(`${NAMESPACE}/persistentvolumeclaims`)).toEqual(
    expect.arrayContaining(["database-data-harbor-database-0", "harbor-registry"]),
  );
  // Without these nobody could open what stays.
  expect(await platform.names(`${NAMESPACE}/secrets`)).toEqual(["harbor-core-files", "harbor-database"]);
});
