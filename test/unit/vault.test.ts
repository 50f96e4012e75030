import * as pulumi from "@pulumi/pulumi";
import type { Endpoint, NamespaceBinding } from "../../components/contracts";
import type { Exposure } from "../../components/exposure/exposure";
import { CertificateAuthority } from "../../components/identity/certificate-authority";
import { externalVault } from "../../components/secrets/external-vault";
import { HostClusterAccount } from "../../components/secrets/host-cluster-account";
import { Vault, type VaultArgs } from "../../components/secrets/vault";
import { VaultBootstrap } from "../../components/secrets/vault-bootstrap";
import { serverConfiguration } from "../../components/secrets/vault-configuration";
import { kpaasPolicies, ROLE_PREFIX, vaultApplications } from "../../components/secrets/vault-kpaas-policies";
import { policyText } from "../../components/secrets/vault-policy";
import { checkManifests } from "../../policy/check";
import type { Manifest } from "../../policy/manifest";
import { formatFinding } from "../../policy/rule";
import { isolated, renderComponent } from "../support/render-component";

const image = {
  reference: "registry.example.org/image:1",
  version: "1",
  pullPolicy: "IfNotPresent",
  pullSecrets: [],
} as const;
const kubernetesApi: Endpoint = { system: "Kubernetes API", ports: [6443], peer: { cidrs: ["10.0.0.1/32"] } };
const shamir = { type: "shamir", shares: 3, threshold: 2 } as const;

function vaultArgs(namespace: NamespaceBinding, given: Partial<VaultArgs>): VaultArgs {
  return {
    namespace,
    image,
    scriptImage: image,
    replicas: 1,
    resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "512Mi" } },
    storage: { size: "10Gi" },
    seal: shamir,
    service: { name: "vault", port: 8200 },
    exposure: { type: "clusterIp" },
    ingress: {
      className: "nginx",
      controller: { namespace: "ingress-nginx", podLabels: { app: "nginx" } },
      awaitAddress: false,
    },
    metrics: false,
    clusterDomain: "cluster.local",
    lifecycle: { protectData: false, retainData: false },
    ...given,
  };
}

/** A Vault with its bootstrap, alone in its namespace. */
async function render(given: Partial<VaultArgs> = {}, options: { tls?: boolean; rotation?: number } = {}) {
  let bootstrap: VaultBootstrap<string> | undefined;
  const rendered = await renderComponent(() => {
    const authority = new CertificateAuthority("authority", {
      organization: "Test",
      validityDays: 3650,
      leafDays: 365,
    });
    isolated("vault", (namespace) => {
      const issuer = options.tls === true ? authority.issuer : undefined;
      const vault = new Vault("vault", vaultArgs(namespace, { issuer, ...given }));
      const { account } = new HostClusterAccount("host-account", { namespace, accountName: "cp-cluster-admin" });
      bootstrap = new VaultBootstrap("vault-bootstrap", {
        namespace,
        image,
        server: vault.server,
        kubernetesApi,
        engine: "secret",
        rolePrefix: ROLE_PREFIX,
        applications: vaultApplications,
        policies: pulumi.output("host").apply(kpaasPolicies),
        rotation: options.rotation ?? 1,
        tokenLife: { ttl: 60, maxTtl: 600 },
        audit: false,
        hostCluster: { id: pulumi.output("host"), apiUrl: "https://10.0.0.1:6443", account, tokenSeconds: 86_400 },
        schedule: "23 */6 * * *",
      });
      return {
        workloads: [...vault.workloads, ...bootstrap.workloads],
        connections: [...vault.connections, ...bootstrap.connections],
      };
    });
  });
  if (bootstrap === undefined) throw new Error("nothing was made");
  return { ...rendered, bootstrap };
}

function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

const nodePort: Exposure = { type: "nodePort", nodePort: 31654 };

test.each<[string, Partial<VaultArgs>, { tls?: boolean }]>([
  ["one node", {}, {}],
  ["three nodes with TLS and metrics", { replicas: 3, metrics: true }, { tls: true }],
  ["a node port", { exposure: nodePort }, {}],
  [
    "automatic unseal",
    {
      seal: {
        ...shamir,
        type: "transit",
        parameters: { address: "https://vault.example.org" },
        credentials: { VAULT_TOKEN: pulumi.secret("token-of-the-seal") },
        server: { system: "Key server", ports: [8200], peer: { cidrs: ["10.9.0.0/24"] } },
      },
    },
    {},
  ],
])("%s keeps to every rule of the policy", async (_, given, options) => {
  const { manifests } = await render(given, options);
  expect(checkManifests(manifests as Manifest[]).map(formatFinding)).toEqual([]);
});

test("the objects have upstream's names and ports", async () => {
  const { manifests } = await render({ exposure: nodePort });
  expect(find(manifests, "Service", "vault")["spec"]).toMatchObject({
    type: "NodePort",
    ports: [{ port: 8200, nodePort: 31654 }],
  });
  expect(find(manifests, "Service", "vault-internal")["spec"]).toMatchObject({
    clusterIP: "None",
    publishNotReadyAddresses: true,
  });
  expect(find(manifests, "StatefulSet", "vault")["spec"]).toMatchObject({
    podManagementPolicy: "Parallel",
    volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { resources: { requests: { storage: "10Gi" } } } }],
  });
});

test("nobody waits for nodes that only the bootstrap can open", async () => {
  const { manifests } = await render();
  for (const [kind, name] of [
    ["StatefulSet", "vault"],
    ["Service", "vault"],
    ["Service", "vault-internal"],
  ] as const) {
    expect(find(manifests, kind, name).metadata.annotations).toMatchObject({ "pulumi.com/skipAwait": "true" });
  }
});

test("the program leaves the content of the keys Secret to the bootstrap", async () => {
  const { manifests } = await render();
  const secret = find(manifests, "Secret", "vault-unseal-keys");
  expect(secret).not.toHaveProperty("data");
  expect(secret).not.toHaveProperty("stringData");
});

test("claims stay where the data is to be kept", async () => {
  const policyOf = async (retainData: boolean) => {
    const { manifests } = await render({ lifecycle: { protectData: false, retainData } });
    return find(manifests, "StatefulSet", "vault")["spec"];
  };
  const kept = (whenDeleted: string) => ({
    persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled: "Retain" },
  });
  expect(await policyOf(true)).toMatchObject(kept("Retain"));
  expect(await policyOf(false)).toMatchObject(kept("Delete"));
});

test("another rotation is another secret id", async () => {
  const keepersOf = async (rotation: number) => {
    const { registrations } = await render({}, { rotation });
    return registrations.find(({ name }) => name === "vault-bootstrap-cp-portal-api-secret")?.inputs["keepers"];
  };
  expect([await keepersOf(1), await keepersOf(2)]).toEqual([{ rotation: "1" }, { rotation: "2" }]);
});

test("the bootstrap may use one Secret and ask for tokens of one account", async () => {
  const { manifests } = await render();
  expect(find(manifests, "Role", "vault-bootstrap")["rules"]).toEqual([
    { apiGroups: [""], resources: ["secrets"], resourceNames: ["vault-unseal-keys"], verbs: ["get", "patch"] },
    { apiGroups: [""], resources: ["serviceaccounts"], resourceNames: ["cp-cluster-admin"], verbs: ["get"] },
    { apiGroups: [""], resources: ["serviceaccounts/token"], resourceNames: ["cp-cluster-admin"], verbs: ["create"] },
  ]);
});

test("with an automatic unseal no pod gets the keys, and the seal's login comes from a Secret", async () => {
  const { manifests } = await render({
    seal: {
      ...shamir,
      type: "awskms",
      parameters: { region: "eu-central-1", kms_key_id: "alias/vault" },
      credentials: { AWS_SECRET_ACCESS_KEY: pulumi.secret("secret-of-the-seal") },
      server: { system: "AWS KMS", ports: [443], peer: { cidrs: ["0.0.0.0/0"] } },
    },
  });
  const pod = JSON.stringify(find(manifests, "StatefulSet", "vault"));
  expect(pod).not.toContain("vault-unseal-keys");
  expect(pod).toContain('"secretRef":{"name":"vault-seal"}');
  const configuration = find(manifests, "ConfigMap", "vault")["data"] as Record<string, string>;
  expect(JSON.parse(configuration["vault.json"] ?? "")).toMatchObject({
    seal: { awskms: { region: "eu-central-1", kms_key_id: "alias/vault" } },
  });
});

test("several nodes find each other, over TLS where that is wanted", () => {
  const peers = ["https://vault-0.n:8200", "https://vault-1.n:8200", "https://vault-2.n:8200"];
  const { storage, listener } = JSON.parse(serverConfiguration({ peers, tls: true, metrics: false }));
  expect(storage.raft.retry_join).toEqual(
    peers.map((leader_api_addr) => ({ leader_api_addr, leader_ca_cert_file: "/etc/vault-certificate/ca.crt" })),
  );
  expect(listener.tcp).not.toHaveProperty("tls_disable");
});

test("an application gets the address and its own login", async () => {
  const { bootstrap } = await render();
  const endpoint = bootstrap.endpoint("cp-portal-api");
  expect(endpoint).toMatchObject({ scheme: "http", port: 8200, ports: [8200], roleName: "cp-portal-api" });
  expect(endpoint.url).toBe("http://vault.vault.svc.cluster.local:8200");
  expect(() => bootstrap.endpoint("somebody")).toThrow("cp-portal-api, ");
});

test("a policy text lists its paths in order", () => {
  expect(policyText({ "secret/data/b": ["deny"], "secret/data/a/*": ["read", "list"] })).toBe(
    'path "secret/data/a/*" {\n  capabilities = ["read", "list"]\n}\n\npath "secret/data/b" {\n  capabilities = ["deny"]\n}\n',
  );
});

test("nobody but the portal's API may write what is there of the host cluster", () => {
  const path = "secret/data/cluster/host";
  const policies = kpaasPolicies("host");
  const writers = vaultApplications.filter((application) => {
    const rights = policies[application][path] ?? policies[application]["secret/data/cluster/*"] ?? [];
    return rights.includes("create") || rights.includes("update");
  });
  expect(writers).toEqual(["cp-portal-api"]);
});

test.each([
  ["https://vault.example.org", { scheme: "https", port: 443 }],
  ["http://10.1.0.9:8200", { scheme: "http", port: 8200 }],
])("an external Vault at %s gives the same contract", (url, expected) => {
  const login = { roleName: "portal", roleId: "r", secretId: "s" };
  expect(externalVault({ url, cidrs: ["10.1.0.0/24"], ...login })).toMatchObject({
    ...expected,
    ports: [expected.port],
    peer: { cidrs: ["10.1.0.0/24"] },
    roleName: "portal",
    ready: [],
  });
});
