import type { DesiredVault, HostCluster } from "../../../components/secrets/vault-desired-state";
import { KEYS_ENTRY } from "../../../components/secrets/vault-files";
import type { VaultApplication } from "../../../components/secrets/vault-kpaas-policies";
import { eventually } from "../../engine/cluster-support";
import { hostEntry, policiesOfAllTokens, rootToken, type VaultCall, vaultRights } from "../../support/vault-rights";
import { runCronJob } from "../cron-job";
import { throughPort } from "../port-forward";
import type { ProbePod, RealPlatform } from "../real-platform";

/** In the place of the portal's API, whose own pod is simulated. */
const portal: ProbePod = { namespace: "cp-portal", name: "vault-client", labels: { app: "cp-portal-api" } };

/** What the portal's API does with the host cluster: finds its token in Vault, and calls its API server. */
const readHostCluster = `
import json, ssl, sys, urllib.request
role, secret, entry, authority = sys.argv[1:]
def call(url, body=None, headers={}):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    context = ssl.create_default_context(cadata=authority) if url.startswith("https:") else None
    return json.load(urllib.request.urlopen(request, context=context, timeout=20))
vault = "http://vault.vault.svc.cluster.local:8200/v1/"
login = call(vault + "auth/approle/login", {"role_id": role, "secret_id": secret})
cluster = call(vault + entry, headers={"X-Vault-Token": login["auth"]["client_token"]})["data"]["data"]
review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
answer = call(cluster["clusterApiUrl"] + "/apis/authentication.k8s.io/v1/selfsubjectreviews", review,
              {"Authorization": "Bearer " + cluster["clusterToken"]})
print(answer["status"]["userInfo"]["username"])
`;

/** What the bootstrap is told to make. */
interface Plan {
  readonly seal: DesiredVault["seal"];
  readonly roles: readonly { readonly name: VaultApplication }[];
  readonly hostCluster: HostCluster;
}

/** The server, its rights, and that it opens by itself. */
export function vaultTests(current: () => RealPlatform): void {
  const onServer = <Result>(use: (call: VaultCall) => Promise<Result>) =>
    throughPort(current(), { namespace: "vault", pod: "vault-0", port: 8200 }, (url) => use(callOf(url)));

  const keys = async () => {
    const secret = await current().secret("vault", "vault-unseal-keys");
    return JSON.parse(secret[KEYS_ENTRY] ?? "{}") as { keys: string[] };
  };

  /** What the bootstrap is to make. */
  const desired = async () => {
    const { data } = await current().object<{ data: Record<string, string> }>("vault", "configmap", "vault-bootstrap");
    return JSON.parse(data["desired-state.json"] ?? "{}") as Plan;
  };

  /** What an application of the portal finds in its Secret. */
  const credentials = async (application: VaultApplication) => {
    const secret = await current().secret("cp-portal", "cp-portal-secret");
    return {
      role_id: secret[`${application}.VAULT_ROLE_ID`] ?? "",
      secret_id: secret[`${application}.VAULT_SECRET_ID`] ?? "",
    };
  };

  const login = async (call: VaultCall, application: VaultApplication) => {
    const { status, json } = await call("POST", "auth/approle/login", { body: await credentials(application) });
    expect({ application, status }).toEqual({ application, status: 200 });
    return (json["auth"] as { client_token: string }).client_token;
  };

  const hostEntryVersion = async (call: VaultCall) => {
    const { json } = await call("GET", hostEntry((await desired()).hostCluster.id), {
      token: await login(call, "cp-portal-api"),
    });
    return (json["data"] as { metadata: unknown }).metadata;
  };

  test("it is initialised with the keys of the plan, and open", async () => {
    const { seal } = await desired();
    const { json } = await onServer((call) => call("GET", "sys/seal-status"));
    expect(json).toMatchObject({ initialized: true, sealed: false, n: seal.shares, t: seal.threshold });
    expect((await keys()).keys).toHaveLength(seal.shares);
  });

  test("each application of the portal may do what its policy says, and nothing else", async () => {
    const { roles, hostCluster } = await desired();
    const installed = roles.map(({ name }) => name);
    const rights = vaultRights(hostCluster.id).filter(([application]) => installed.includes(application));
    expect(new Set(rights.map(([application]) => application)).size).toBe(installed.length);
    const found = await onServer(async (call) => {
      const answers = [];
      for (const [application, method, path] of rights) {
        const token = await login(call, application);
        const { status } = await call(method, path, {
          token,
          ...(method === "POST" && { body: { data: { k: "v" } } }),
        });
        answers.push([application, method, path, status]);
      }
      const token = await login(call, "cp-portal-api");
      for (const [, , path] of rights.filter(([, method, , status]) => method === "POST" && status === 200)) {
        expect((await call("DELETE", path.replace("/data/", "/metadata/"), { token })).status).toBe(204);
      }
      return answers;
    });
    expect(found).toEqual(rights);
  });

  test("a wrong secret id is refused", async () => {
    const body = { ...(await credentials("cp-portal-api")), secret_id: "not-the-secret-id" };
    expect((await onServer((call) => call("POST", "auth/approle/login", { body }))).status).toBe(400);
  });

  test("the portal finds the host cluster's token, and the API server knows it", async () => {
    const { hostCluster } = await desired();
    const { role_id, secret_id } = await credentials("cp-portal-api");
    const authority = await current().object<{ data: Record<string, string> }>(
      portal.namespace,
      "configmap",
      "kube-root-ca.crt",
    );
    await current().startProbe(portal);
    try {
      const words = [role_id, secret_id, hostEntry(hostCluster.id), authority.data["ca.crt"] ?? ""];
      const { namespace, name } = hostCluster.account;
      const answer = await eventually(async () => {
        const command = ["python3", "-c", readHostCluster, ...words];
        const { code, output } = await current().exec(portal.namespace, portal.name, command);
        // Policies let a new pod out after a moment only.
        return code !== 0 && output.includes("Connection refused") ? undefined : output;
      });
      expect(answer).toBe(`system:serviceaccount:${namespace}:${name}`);
    } finally {
      await current().removeProbe(portal);
    }
  });

  test("another run of the bootstrap changes nothing", async () => {
    const state = async () => ({ keys: await keys(), entry: await onServer(hostEntryVersion) });
    const before = await state();
    expect(await runCronJob(current(), "vault", "vault-bootstrap")).toBe("done");
    expect(await state()).toEqual(before);
  });

  test("no root token is left, neither in the server nor in the Secret", async () => {
    const { keys: shares, ...rest } = await keys();
    expect(Object.keys(rest)).toEqual(["kind"]);
    const policies = await onServer(async (call) => {
      const token = await rootToken(call, shares);
      try {
        return await policiesOfAllTokens(call, token);
      } finally {
        await call("POST", "auth/token/revoke-self", { token });
      }
    });
    expect(policies.filter((each) => each.includes("root"))).toHaveLength(1); // the one of this test
  });

  test("a new pod is opened by the container beside it, and knows what the old one knew", async () => {
    const uid = async () =>
      (await current().object<{ metadata: { uid: string } }>("vault", "pod", "vault-0")).metadata.uid;
    const before = { uid: await uid(), entry: await onServer(hostEntryVersion) };
    await current().kubectl.read("--namespace", "vault", "delete", "pod", "vault-0");
    await current().untilReady("vault", "pod/vault-0");
    expect(await uid()).not.toBe(before.uid);
    expect(
      await current().kubectl.read("--namespace", "vault", "logs", "vault-0", "--container", "unsealer"),
    ).toContain("opened");
    expect(await onServer(hostEntryVersion)).toEqual(before.entry);
  });
}

function callOf(url: string): VaultCall {
  return async (method, path, { token, body } = {}) => {
    const answer = await fetch(`${url}/v1/${path}`, {
      method,
      headers: token === undefined ? {} : { "X-Vault-Token": token },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, json: text.startsWith("{") ? JSON.parse(text) : {} };
  };
}
