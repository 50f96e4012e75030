import { eventually } from "./cluster-support";
import { PlatformRun } from "./platform-support";

/** The whole program, unmodified, on the real engine and a real API server. The tests build on each other. */
let platform: PlatformRun;
/** What the cluster holds by itself. */
let initialObjects: readonly string[];

beforeAll(async () => {
  platform = await PlatformRun.start();
  initialObjects = await platform.objects();
});

afterAll(() => platform.remove());

const AGENTS = "/apis/apps/v1/namespaces/openchecker/deployments/openchecker-agent";

test("an object that exists and is not ours is reported and left alone; the next up goes on from there", async () => {
  await platform.api("POST", "/api/v1/namespaces", { metadata: { name: "rabbitmq", labels: { owner: "somebody" } } });
  expect(await platform.failure("up", "dev")).toMatch(
    /Namespace rabbitmq[\s\S]*already exists[\s\S]*Pulumi has not made it\. Adopt it/,
  );
  expect(await platform.api("GET", "/api/v1/namespaces/rabbitmq")).toMatchObject({
    metadata: { labels: { owner: "somebody" } },
  });
  await platform.api("DELETE", "/api/v1/namespaces/rabbitmq");
  await eventually(async () => ((await platform.names("/api/v1/namespaces")).includes("rabbitmq") ? undefined : true));
});

/** Kubernetes objects that the program made carry it. */
const OURS = "app.kubernetes.io/managed-by=pulumi";

test("up brings every workload up and says where it is reached", async () => {
  const { counts, changes, outputs } = await platform.run("up", "dev");
  expect(counts).toMatchObject({ delete: 0, replace: 0 });
  // The test of destroy relies on this list.
  const listed = await platform.objects(OURS);
  const made = changes.filter(({ type }) => type.startsWith("kubernetes:")).map(({ label }) => label);
  expect(made.filter((label) => !listed.includes(label))).toEqual([]);
  expect(outputs["urls"]?.value).toMatchObject({
    openchecker: "https://openchecker.platform.localhost",
    harbor: "http://harbor.local:30002",
  });
  expect(outputs["credentials"]?.secret).toBe(true);
  expect(String(outputs["readme"]?.value)).toContain("| openchecker | https://openchecker.platform.localhost |");
  expect(await platform.api("GET", AGENTS)).toMatchObject({ status: { readyReplicas: 3 } });
  const claim = "/api/v1/namespaces/openchecker/persistentvolumeclaims/openchecker-pvc";
  expect(await platform.api("GET", claim)).toMatchObject({
    spec: { volumeName: "openchecker-pv" },
    status: { phase: "Bound" },
  });
});

/** What the program makes: long, with digits and letters of both cases, or a UUID. */
const GENERATED = /^(?:(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w-]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

test("no secret is written down in plain text", async () => {
  const { outputs } = await platform.run("up", "dev");
  const credentials = outputs["credentials"]?.value as Record<string, { password: string }>;
  const stored = await platform.api<{ items: { data?: Record<string, string> }[] }>(
    "GET",
    `/api/v1/secrets?labelSelector=${encodeURIComponent(OURS)}`,
  );
  const values = (stored?.items ?? []).flatMap(({ data }) =>
    Object.values(data ?? {}).map((each) => Buffer.from(each, "base64").toString()),
  );
  const secrets = [
    ...Object.values(credentials).map((each) => each.password),
    ...values.filter((each) => GENERATED.test(each)),
    ...values.flatMap((text) => [...text.matchAll(/(?:password|secret_key) = (\S+)/g)].map(([, each]) => each)),
  ];
  expect(secrets.length).toBeGreaterThanOrEqual(40);
  for (const text of [platform.writtenText(), platform.printedText()]) {
    expect(text).toContain("openchecker-agent"); // it is the right text
    for (const secret of secrets) {
      expect(text.includes(secret ?? "")).toBe(false);
      expect(text.includes(Buffer.from(secret ?? "").toString("base64"))).toBe(false);
    }
  }
});

test("a second up changes nothing", async () => {
  const { counts } = await platform.run("up", "dev", { expectNoChanges: true });
  expect(counts).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
});

test("an edited number of workers changes exactly that", async () => {
  platform.set("dev", ["platform:openchecker", "agents", "replicas"], 4);
  const { changes } = await platform.run("up", "dev");
  expect(changes.filter((each) => each.kind !== "same")).toMatchObject([
    { kind: "update", label: "Deployment openchecker/openchecker-agent", properties: [{ path: "spec.replicas" }] },
  ]);
  expect(await platform.api("GET", AGENTS)).toMatchObject({ status: { readyReplicas: 4 } });
});

test("a renamed host of SonarQube replaces nothing but what bears the name", async () => {
  const exposure = { type: "ingress", host: "quality.platform.localhost", tls: { from: "selfMade" } };
  platform.set("dev", ["platform:sonarqube"], { exposure });
  const { changes } = await platform.run("preview", "dev");
  platform.set("dev", ["platform:sonarqube"], {});
  const touched = changes.filter(({ kind }) => !["same", "update"].includes(kind));
  // The Job that tells the server its address, the certificate for the host, and the Secret that is named after it.
  expect(touched.map(({ label }) => label.replace(/-[0-9a-f]{8}$/, "")).sort()).toEqual([
    "CertRequest sonarqube-exposure-request",
    "Job sonarqube/sonarqube-bootstrap",
    "LocallySignedCert sonarqube-exposure-certificate",
    "Secret sonarqube/quality-platform-localhost-tls",
  ]);
});

test("drift is shown by a preview that refreshes, and repaired by the next up", async () => {
  await platform.api("PATCH", `${AGENTS}?fieldManager=kubectl-edit`, { spec: { replicas: 1 } });
  const shown = await platform.run("preview", "dev", { refresh: true });
  expect(shown.changes.filter((each) => each.kind === "update")).toMatchObject([
    { properties: [{ path: "spec.replicas" }] },
  ]);
  await platform.run("up", "dev", { refresh: true });
  expect(await platform.api("GET", AGENTS)).toMatchObject({ spec: { replicas: 4 } });
});

test("wrong settings stop the run before anything is touched, all of them at once", async () => {
  platform.set("dev", ["platform:openchecker", "agents", "replicas"], "many");
  platform.set("dev", ["platform:rabbitmq"], { replicas: 2 });
  const report = await platform.failure("up", "dev");
  expect(report).toContain("platform:openchecker.agents.replicas");
  expect(report).toContain("platform:rabbitmq.replicas");
  expect(await platform.api("GET", AGENTS)).toMatchObject({ spec: { replicas: 4 } });
  platform.set("dev", ["platform:openchecker", "agents", "replicas"], 3);
  platform.set("dev", ["platform:rabbitmq"], {});
});

/** What the cluster notes and starts by itself in its own namespaces, at its own time. */
const OF_THE_CLUSTER = /^\S+ (?:default|kube-[a-z-]+)\//;

test("destroy leaves the cluster as it was before", async () => {
  await platform.run("destroy", "dev");
  expect(await platform.objects(OURS)).toEqual([]);
  // The volumes of claims that the cluster has filled go after their claims.
  let left: string[] = [];
  const emptied = eventually(async () => {
    left = (await platform.objects()).filter((each) => !initialObjects.includes(each) && !OF_THE_CLUSTER.test(each));
    return left.length === 0 ? true : undefined;
  });
  await emptied.catch(() => undefined); // what is left tells more
  expect(left).toEqual([]);
});

describe("the stack prod", () => {
  test("comes up with three broker nodes", async () => {
    platform.set("prod", ["platform:cluster", "ingress"], { awaitAddress: true });
    await platform.run("up", "prod");
    const broker = "/apis/apps/v1/namespaces/rabbitmq/statefulsets/rabbitmq-server";
    expect(await platform.api("GET", broker)).toMatchObject({ status: { readyReplicas: 3 } });
  });

  test("refuses to be destroyed while its data is protected", async () => {
    expect(await platform.failure("destroy", "prod")).toMatch(/protect/);
    expect(await platform.names("/api/v1/persistentvolumes")).toContain("openchecker-pv");
  });

  test("leaves what holds data in the cluster when it is destroyed on purpose", async () => {
    platform.set("prod", ["platform:lifecycle"], { protectData: false });
    await platform.run("up", "prod");
    await platform.run("destroy", "prod");
    expect(await platform.names("/api/v1/persistentvolumes")).toContain("openchecker-pv");
    const claims = await platform.names("/api/v1/persistentvolumeclaims");
    expect(claims).toContain("openchecker-pvc");
    expect(claims.filter((each) => each.startsWith("persistence-rabbitmq-server-"))).toHaveLength(3);
    expect(await platform.names("/apis/apps/v1/deployments")).toEqual([]);
  });
});
