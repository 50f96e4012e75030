import * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding } from "../../components/contracts";
import { externalMariaDb, externalMariaDbAdministration } from "../../components/data/external-mariadb";
import { MariaDb, type MariaDbArgs } from "../../components/data/mariadb";
import { MariaDbAccess } from "../../components/data/mariadb-access";
import { MariaDbTableGrants } from "../../components/data/mariadb-table-grants";
import { databaseClients, type KpaasClient } from "../../components/kpaas/database/clients";
import { kpaasSchemas } from "../../components/kpaas/database/schemas";
import { type Registration, recordProgram } from "../../stacks/render/recording-monitor";

const namespace: NamespaceBinding = { plainName: "mariadb", name: pulumi.output("mariadb") };
const image = {
  reference: "docker.io/library/mariadb:11.4.13",
  version: "11.4.13",
  pullPolicy: "IfNotPresent",
  pullSecrets: [],
} as const;
const lifecycle = { protectData: true, retainData: true };
const hostCluster = { id: "host-cluster", name: "host", provider: "AWS" } as const;

const serverArgs: MariaDbArgs = {
  namespace,
  system: "mariadb",
  instance: "cp-mariadb",
  image,
  resources: { requests: { cpu: "300m", memory: "512Mi" }, limits: { cpu: "750m", memory: "1Gi" } },
  storage: { size: "10Gi" },
  maxConnections: 300,
  clusterDomain: "cluster.local",
  lifecycle,
};

function addAccess(
  server: MariaDb,
  names: readonly KpaasClient[] = ["commonApi", "keycloak"],
): MariaDbAccess<KpaasClient> {
  return new MariaDbAccess<KpaasClient>("access", {
    namespace,
    system: "mariadb",
    instance: "cp-mariadb",
    image,
    server: server.administration,
    schemas: pulumi.output(kpaasSchemas({ hostCluster, ciServerUrl: "http://ci:8080" })),
    clients: databaseClients(names, { commonApiUsesBroker: true }),
    lifecycle,
  });
}

const record = (program: () => unknown): Promise<Registration[]> =>
  recordProgram(async () => void (await program()), {
    project: "platform",
    stack: "test",
    configuration: {},
    secretKeys: [],
  });

function find(registrations: readonly Registration[], type: string, name: string): Registration["inputs"] {
  const found = registrations.find((each) => each.type.endsWith(`:${type}`) && each.name === name);
  if (found === undefined) {
    throw new Error(`no ${type} ${name} among ${registrations.map((each) => each.name).join(", ")}`);
  }
  return found.inputs;
}

test("the server keeps the names that the release gives it, and its claim when the stack goes", async () => {
  const registrations = await record(() => new MariaDb("db", serverArgs));
  expect(find(registrations, "StatefulSet", "db-server")).toMatchObject({
    metadata: { name: "cp-mariadb", namespace: "mariadb" },
    spec: { replicas: 1, persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" } },
  });
  expect(find(registrations, "Service", "db-service")).toMatchObject({
    metadata: { name: "cp-mariadb" },
    spec: { ports: [{ port: 3306 }] },
  });
  expect(find(registrations, "Service", "db-service")["spec"]).not.toHaveProperty("type");
});

test("a node port is opened only when it is asked for, and then nodes may come in", async () => {
  const place = (nodePort?: number) => {
    let connections: MariaDb["connections"] = [];
    return record(() => {
      connections = new MariaDb("db", { ...serverArgs, nodePort }).connections;
    }).then((registrations) => ({ connections, service: find(registrations, "Service", "db-service") }));
  };
  expect((await place()).connections).toEqual([]);
  const open = await place(31306);
  expect(open.service).toMatchObject({ spec: { type: "NodePort", ports: [{ nodePort: 31306 }] } });
  expect(open.connections).toMatchObject([{ from: { system: "Clients" }, to: { name: "cp-mariadb" }, ports: [3306] }]);
});

test("no password and no hash of one is readable, and the configuration map holds no secret", async () => {
  const registrations = await record(() => addAccess(new MariaDb("db", serverArgs)));
  expect(find(registrations, "Secret", "db-server")["stringData"]).toEqual({
    "administrator.sql": "[secret]",
    root: "[secret]",
  });
  const secrets = find(registrations, "Secret", "access-secrets")["stringData"];
  expect(secrets === "[secret]" || Object.values(secrets as object).every((each) => each === "[secret]")).toBe(true);
  const data = find(registrations, "ConfigMap", "access-files")["data"] as Record<string, string>;
  expect(Object.keys(data)).toEqual(expect.arrayContaining(["mariadb-access.sh", "migrations", "cp.001-clusters.sql"]));
  expect(JSON.stringify(data)).not.toContain("IDENTIFIED");
});

test("clients get an address without a scheme, and wait for the Job", async () => {
  let endpoint: ReturnType<MariaDbAccess<KpaasClient>["endpoint"]> | undefined;
  await record(() => {
    endpoint = addAccess(new MariaDb("db", serverArgs)).endpoint("commonApi");
  });
  expect(endpoint).toMatchObject({ username: "cp-portal-common-api", database: "cp", port: 3306, ports: [3306] });
  expect(endpoint?.ready).toHaveLength(1);
  expect(endpoint?.address).toBe("cp-mariadb.mariadb.svc.cluster.local:3306");
});

test("the Job's pod is declared as a client of the server, and the second Job runs as the same one", async () => {
  let access: MariaDbAccess<KpaasClient> | undefined;
  const registrations = await record(() => {
    access = addAccess(new MariaDb("db", serverArgs));
    return new MariaDbTableGrants("grants", { access, after: [] });
  });
  expect(access?.connections).toMatchObject([
    { from: { name: "cp-mariadb-access" }, to: { peer: { namespace: "mariadb" } }, ports: [3306] },
  ]);
  const jobs = ["access-job", "grants-job"].map((name) => find(registrations, "Job", name));
  expect(jobs.map((each) => (each["metadata"] as { name: string }).name)).toEqual([
    expect.stringMatching(/^cp-mariadb-access-[0-9a-f]{8}$/),
    expect.stringMatching(/^cp-mariadb-access-tables-[0-9a-f]{8}$/),
  ]);
  expect(JSON.stringify(jobs[1])).toContain('{"name":"AWAITED_TABLES","value":"keycloak.USER_ENTITY"}');
  for (const job of jobs) {
    expect(JSON.stringify(job)).toContain('"app.kubernetes.io/instance":"cp-mariadb-access"');
  }
});

test("the Job runs again when the plan changes, and only then", async () => {
  const jobName = async (names: readonly KpaasClient[]) => {
    const registrations = await record(() => addAccess(new MariaDb("db", serverArgs), names));
    return (find(registrations, "Job", "access-job")["metadata"] as { name: string }).name;
  };
  const first = await jobName(["commonApi", "keycloak"]);
  expect(await jobName(["keycloak", "commonApi"])).toBe(first);
  expect(await jobName(["commonApi", "keycloak", "terraman"])).not.toBe(first);
});

test("a client that is not there is named together with those that are", async () => {
  let message = "";
  await record(() => {
    try {
      addAccess(new MariaDb("db", serverArgs)).endpoint("terraman");
    } catch (error) {
      message = String(error);
    }
  });
  expect(message).toContain('no client "terraman"; it has: commonApi, keycloak');
});

test("a server that somebody else runs gives the same contracts", async () => {
  const server = { host: "2001:db8::1", port: 3307, cidrs: ["2001:db8::/64"] };
  const login = externalMariaDb({ ...server, database: "cp", username: "u", password: "p" });
  expect(login).toMatchObject({ ports: [3307], peer: { cidrs: server.cidrs }, ready: [], database: "cp" });
  expect(login.address).toBe("[2001:db8::1]:3307");
  const administration = externalMariaDbAdministration({ ...server, username: "root", password: "p" });
  expect(administration).toMatchObject({ username: "root", port: 3307, ready: [] });
});
