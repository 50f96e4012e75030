import { setTimeout as sleep } from "node:timers/promises";
import { KEYS_ENTRY } from "../../components/secrets/vault-files";
import type { VaultApplication } from "../../components/secrets/vault-kpaas-policies";
import { FakeKubernetes } from "../support/fake-kubernetes";
import { describeWith } from "../support/requirements";
import { BootstrapRunner, HOST_CLUSTER, roleIdOf, secretIdOf } from "../support/vault-bootstrap";
import { hostEntry, policiesOfAllTokens, rootToken, type VaultCall, vaultRights } from "../support/vault-rights";
import { BUILD_LIMIT, builtVault, VaultNode, vaultAvailable } from "../support/vault-server";

/** What the Job and the container beside each node run, on a real Vault. */
const describeIfAvailable = describeWith("Go, to build Vault", vaultAvailable);

const HOST_ENTRY = hostEntry(HOST_CLUSTER.id);

const rights = vaultRights(HOST_CLUSTER.id);

describeIfAvailable("the bootstrap of Vault", () => {
  let node: VaultNode;
  let kubernetes: FakeKubernetes;
  let runner: BootstrapRunner;

  beforeAll(async () => {
    await builtVault();
  }, BUILD_LIMIT);

  beforeEach(async () => {
    node = await VaultNode.prepare();
    kubernetes = new FakeKubernetes();
    runner = new BootstrapRunner(kubernetes, await kubernetes.listen());
  });

  afterEach(async () => {
    const secrets = [...keys(), ...kubernetes.tokens, secretIdOf("cp-portal-api"), kubernetes.podToken];
    await runner.remove();
    await node.remove();
    await kubernetes.close();
    for (const secret of secrets) {
      expect(runner.printed).not.toContain(secret);
      expect(node.log).not.toContain(secret);
    }
    expect(runner.printed).not.toMatch(/hvs\.|Traceback/);
  });

  const run = (order: Partial<Parameters<BootstrapRunner["run"]>[0]> = {}) =>
    runner.run({ nodes: [node.url], ...order });

  /** The keys in the Secret. */
  const keys = (): string[] => {
    const text = kubernetes.entry(KEYS_ENTRY);
    return text === undefined ? [] : (JSON.parse(text) as { keys: string[] }).keys;
  };

  const call: VaultCall = (...request) => node.call(...request);

  const login = async (application: VaultApplication, rotation?: string) => {
    const body = { role_id: roleIdOf(application), secret_id: secretIdOf(application, rotation) };
    const { status, json } = await node.call("POST", "auth/approle/login", { body });
    return { status, token: (json["auth"] as { client_token?: string } | undefined)?.client_token ?? "" };
  };

  const statusOf = async (application: VaultApplication, method: string, path: string, data?: unknown) => {
    const { token } = await login(application);
    const answer = await node.call(method, path, { token, ...(data !== undefined && { body: { data } }) });
    return answer.status;
  };

  const readHostEntry = async () => {
    const { token } = await login("cp-portal-api");
    const { json } = await node.call("GET", HOST_ENTRY, { token });
    return json["data"] as { data: Record<string, string>; metadata: { version: number } };
  };

  /** Names of the nodes that count for a majority. */
  const voters = async (token: string) => {
    const { json } = await node.call("GET", "sys/storage/raft/configuration", { token });
    const { config } = json["data"] as { config: { servers: { node_id: string; voter: boolean }[] } };
    return config.servers
      .filter(({ voter }) => voter)
      .map(({ node_id }) => node_id)
      .sort();
  };

  test("opens an empty Vault; applications log in and read the host cluster", async () => {
    await node.start();
    expect(await run()).toMatchObject({ code: 0 });
    expect(keys()).toHaveLength(3);
    expect(kubernetes.data).not.toHaveProperty("initialising");
    expect((await readHostEntry()).data).toEqual({
      clusterId: HOST_CLUSTER.id,
      clusterApiUrl: HOST_CLUSTER.apiUrl,
      clusterToken: kubernetes.tokens[0],
    });
  });

  test("a second run changes nothing", async () => {
    await node.start();
    await run();
    const before = { data: { ...kubernetes.data }, entry: await readHostEntry() };
    const { code, output } = await run();
    expect({ code, output }).toEqual({ code: 0, output: "done\n" });
    expect({ data: kubernetes.data, entry: await readHostEntry() }).toEqual(before);
    expect(kubernetes.tokens).toHaveLength(1);
  });

  test("no root token is left behind", async () => {
    await node.start();
    await run();
    await run();
    const policies = await policiesOfAllTokens(call, await rootToken(call, keys()));
    expect(policies.filter((each) => each.includes("root"))).toHaveLength(1); // the one of this test
  });

  test("each application may do what its policy says, and nothing else", async () => {
    await node.start();
    await run();
    const found = [];
    for (const [application, method, path] of rights) {
      const data = method === "POST" ? { k: "v" } : undefined;
      found.push([application, method, path, await statusOf(application, method, path, data)]);
    }
    expect(found).toEqual(rights);
  });

  test("what was changed or deleted by hand comes back", async () => {
    await node.start();
    await run();
    const token = await rootToken(call, keys());
    await node.call("PUT", "sys/policies/acl/cp-portal-api", { token, body: { policy: "" } });
    await node.call("DELETE", "auth/approle/role/cp-portal-metric-api", { token });
    await node.call("POST", "auth/approle/role/cp-portal-gone", { token, body: { token_policies: ["default"] } });
    expect((await login("cp-portal-metric-api")).status).toBe(400);
    expect(await run()).toMatchObject({ code: 0 });
    expect(await statusOf("cp-portal-api", "POST", "secret/data/user/u1", {})).toBe(200);
    expect(await statusOf("cp-portal-metric-api", "GET", HOST_ENTRY)).toBe(200);
    expect((await node.call("GET", "auth/approle/role/cp-portal-gone", { token })).status).toBe(404);
  });

  test("a Vault that was only initialised is opened and filled", async () => {
    await node.start();
    const { json } = await node.call("PUT", "sys/init", { body: { secret_shares: 3, secret_threshold: 2 } });
    const made = JSON.stringify({ kind: "unseal", keys: json["keys_base64"] });
    kubernetes.data = { [KEYS_ENTRY]: Buffer.from(made).toString("base64") };
    expect(await run()).toMatchObject({ code: 0 });
    expect((await login("cp-portal-api")).status).toBe(200);
  });

  test("another secret id replaces the old one", async () => {
    await node.start();
    await run();
    expect(await run({ rotation: "2" })).toMatchObject({ code: 0 });
    expect((await login("cp-portal-api", "1")).status).toBe(400);
    expect((await login("cp-portal-api", "2")).status).toBe(200);
  });

  test("the host cluster's token is renewed when half of its life is over, and when the account was made anew", async () => {
    await node.start();
    kubernetes.now -= 20 * 86_400;
    await run();
    kubernetes.now += 20 * 86_400;
    await run();
    expect(kubernetes.tokens).toHaveLength(2);
    kubernetes.accountUid = "22222222-0000-4000-8000-000000000000";
    await run();
    const { data, metadata } = await readHostEntry();
    expect({ token: data["clusterToken"], version: metadata.version }).toEqual({
      token: kubernetes.tokens[2],
      version: 3,
    });
  });

  test("nothing is initialised when the Secret cannot be written", async () => {
    await node.start();
    kubernetes.refusesWrites = true;
    const { code, output } = await run();
    expect({ code, output }).toEqual({ code: 3, output: expect.stringContaining("is forbidden") });
    expect((await node.call("GET", "sys/init")).json).toEqual({ initialized: false });
    kubernetes.refusesWrites = false;
    expect(await run()).toMatchObject({ code: 0 });
  });

  test("lost keys are reported, and nothing is touched", async () => {
    await node.start();
    await run();
    const { data } = kubernetes;
    kubernetes.data = {};
    const { code, output } = await run();
    expect({ code, output }).toEqual({ code: 3, output: expect.stringContaining("holds no keys") });
    kubernetes.data = data;
  });

  test("keys of an earlier Vault are not overwritten", async () => {
    await node.start();
    await run();
    await node.remove();
    node = await VaultNode.prepare();
    await node.start();
    const before = { ...kubernetes.data };
    const { code, output } = await run();
    expect({ code, output }).toEqual({ code: 3, output: expect.stringContaining("keys of an earlier one") });
    expect(kubernetes.data).toEqual(before);
  });

  test("waits for a Vault that starts late, and says so when none comes", async () => {
    const { code, output } = await run({ waitSeconds: 0.3 });
    expect({ code, output }).toEqual({ code: 4, output: expect.stringContaining("no node of Vault answered") });
    const late = run();
    await sleep(300);
    await node.start();
    expect(await late).toMatchObject({ code: 0 });
  });

  test("after a restart the node is opened again, by the container beside it and by the next run", async () => {
    await node.start();
    await run();
    await node.stop();
    await node.start();
    expect((await node.call("GET", "sys/seal-status")).json).toMatchObject({ sealed: true });
    expect(await run()).toMatchObject({ code: 0 });
    await node.stop();
    await node.start();
    runner.startUnsealer(node.url);
    while ((await node.call("GET", "sys/health")).status !== 200) {
      await sleep(50);
    }
    expect((await login("cp-portal-api")).status).toBe(200);
  });

  test("an attempt at a root token that somebody left open does not count", async () => {
    await node.start();
    await run();
    const { json } = await node.call("PUT", "sys/generate-root/attempt", { body: {} });
    await node.call("PUT", "sys/generate-root/update", { body: { key: keys()[0], nonce: json["nonce"] } });
    expect(await run()).toMatchObject({ code: 0 });
  });

  test("audit goes to standard output and names no secret", async () => {
    await node.start();
    await run({ audit: true });
    await login("cp-portal-api");
    expect(node.log).toContain('"path":"auth/approle/login"');
    expect(await run({ audit: false })).toMatchObject({ code: 0 });
  });

  test("Prometheus gets metrics without a login", async () => {
    await node.start();
    await run();
    const answer = await fetch(`${node.url}/v1/sys/metrics`, {
      headers: { Accept: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5" },
    });
    expect(await answer.text()).toMatch(/^vault_/m);
  });

  test("three nodes become one cluster, and the lead changes when a node goes", async () => {
    const others = [await VaultNode.prepare("vault-1"), await VaultNode.prepare("vault-2")];
    const nodes = [node, ...others];
    const urls = nodes.map(({ url }) => url);
    try {
      for (const each of nodes) {
        each.peers = urls;
      }
      await Promise.all(nodes.map((each) => each.start()));
      expect(await run({ nodes: urls })).toMatchObject({ code: 0 });
      const token = await rootToken(call, keys());
      // Vault lets a new node vote once it has been there for a while.
      while ((await voters(token)).length < nodes.length) {
        await sleep(200);
      }
      expect(await voters(token)).toEqual(["vault-0", "vault-1", "vault-2"]);
      await node.stop();
      const { code, output } = await run({ nodes: urls });
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("done") });
      await node.start();
    } finally {
      await Promise.all(others.map((each) => each.remove()));
    }
  });
});
