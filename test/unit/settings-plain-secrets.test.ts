import { sampleAuthority } from "../support/sample-pem";
import { testAuthority } from "../support/test-certificates";
import { errorOf, problemsOf } from "./settings-support";

const server = { cidrs: ["203.0.113.7/32"], ports: [8200] };
const transit = { address: "https://203.0.113.7:8200", key_name: "platform", mount_path: "transit/" };

/** Paths of the problems that these settings of a seal have, the section being encrypted where it should be. */
function sealProblems(seal: object, secretKeys: string[] = ["vault"]): { path: string; text: string }[] {
  return problemsOf({ vault: { seal: { server, ...seal } } }, { stack: "dev", secretKeys });
}

test.each([
  ["transit", { ...transit, token: "hvs.plain" }, "token", "VAULT_TOKEN"],
  ["awskms", { kms_key_id: "alias/x", secret_key: "plain" }, "secret_key", "AWS_SECRET_ACCESS_KEY"],
  [
    "gcpckms",
    { project: "p", region: "r", key_ring: "k", crypto_key: "c", credentials: "{}" },
    "credentials",
    "credentials.json",
  ],
  [
    "azurekeyvault",
    { tenant_id: "00000000-0000-0000-0000-000000000001", vault_name: "v", key_name: "k", client_secret: "plain" },
    "client_secret",
    "AZURE_CLIENT_SECRET",
  ],
  ["alicloudkms", { kms_key_id: "k", secret_key: "plain" }, "secret_key", "ALICLOUD_SECRET_KEY"],
])(
  "a secret among the parameters of a seal of the type %s is sent to where it is kept secret",
  (type, parameters, key, place) => {
    const credentials = type === "transit" ? { VAULT_TOKEN: "token" } : {};
    const problem = sealProblems({ type, parameters, credentials }).find(
      ({ path }) => path === `platform:vault.seal.parameters.${key}`,
    );

    expect(problem?.text).toContain("a ConfigMap");
    expect(problem?.text).toContain(place.includes(".") ? `credentials["${place}"]` : `credentials.${place}`);
  },
);

test.each([
  ["transit", ["parameters.address", "parameters.key_name", "parameters.mount_path", "credentials.VAULT_TOKEN"]],
  ["awskms", ["parameters.kms_key_id"]],
  ["gcpckms", ["parameters.project", "parameters.region", "parameters.key_ring", "parameters.crypto_key"]],
  ["azurekeyvault", ["parameters.tenant_id", "parameters.vault_name", "parameters.key_name"]],
  ["ocikms", ["parameters.key_id", "parameters.crypto_endpoint", "parameters.management_endpoint"]],
  ["alicloudkms", ["parameters.kms_key_id"]],
])("a seal of the type %s needs its parameters", (type, missing) => {
  const paths = sealProblems({ type, parameters: {}, credentials: {} }).map(({ path }) => path);

  expect(paths).toEqual(missing.map((key) => `platform:vault.seal.${key}`));
});

test("half a login at the key's server, and a kind of seal that the image does not have, are refused", () => {
  const half = { type: "awskms", parameters: { kms_key_id: "k" }, credentials: { AWS_ACCESS_KEY_ID: "id" } };
  expect(sealProblems(half)[0]?.text).toContain("set both or neither");
  expect(sealProblems({ type: "pkcs11", parameters: {} })[0]?.text).toContain("one of shamir, transit, awskms");
});

test("a proxy's password is in no message, whatever else is wrong with the URL", () => {
  for (const http of ["http://user:pa55word@proxy:3128", "http://user:pa55word@proxy:99999/x", "user:pa55word@proxy"]) {
    const { message } = errorOf(
      { harbor: { proxy: { http, cidrs: ["10.0.0.0/8"], ports: [3128] } } },
      { stack: "dev" },
    );
    expect(message).toContain("platform:harbor.proxy.http");
    expect(message).not.toContain("pa55word");
    expect(message).not.toContain("user:");
  }
});

test("a private key behind a certificate is noticed, although the section holds encrypted values", async () => {
  const { certificate, key } = await testAuthority("Root");
  const tls = { from: "given", certificate: `${certificate}${key}`, privateKey: key };
  const { message } = errorOf({ kpaas: { tls } }, { stack: "dev", secretKeys: ["kpaas"] });

  expect(message).toMatch(/platform:kpaas\.tls\.certificate\n\s+problem\s+A private key stands among the certificates/);
  expect(message).toMatch(/platform:kpaas\.tls\.certificate\n\s+problem\s+The text holds a private key/);
  expect(message).not.toContain(key.split("\n")[1]);
});

test.each([
  [
    "a variable of sandboxes",
    { openhands: { sandbox: { environment: { PIP_INDEX_URL: "https://u:pa55word@pypi.example.org/simple" } } } },
  ],
  [
    "a row of the Config-Server",
    {
      pipeline: {
        properties: [{ label: "m", application: "a", profile: "p", key: "url", value: "jdbc://u:pa55word@db" }],
      },
    },
  ],
  [
    "an annotation",
    { openchecker: { exposure: { annotations: { "a.b/c": "proxy_set_header Authorization; password=pa55word;" } } } },
  ],
  [
    "a certificate with its key",
    {
      harbor: {
        trustedCertificates: [`${sampleAuthority}-----BEGIN PRIVATE KEY-----\npa55word\n-----END PRIVATE KEY-----\n`],
      },
    },
  ],
])("%s with a secret in it is refused, and the message does not show it", (_, configured) => {
  const { message } = errorOf(configured, { stack: "dev", secretKeys: Object.keys(configured) });

  expect(message).toContain("is not kept secret");
  expect(message).not.toContain("pa55word");
});

test("a variable of sandboxes whose name announces a secret is refused", () => {
  const [problem] = problemsOf({ openhands: { sandbox: { environment: { GITHUB_TOKEN: "x" } } } }, { stack: "dev" });
  expect(problem?.text).toContain("GITHUB_TOKEN is a secret");
});

test("offline, a secret that stands unencrypted beside an encrypted one is noticed", () => {
  const tokens = { github: "[secret]", gitee: "plain" };
  const paths = problemsOf(
    { openchecker: { main: { generation: "current" }, agents: { generation: "current" }, tokens } },
    { stack: "dev", secretKeys: ["openchecker"] },
  ).map(({ path }) => path);

  expect(paths).toEqual(["platform:openchecker.tokens.gitee"]);
});
