import * as pulumi from "@pulumi/pulumi";
import type { TlsBinding } from "../../components/contracts";
import { type CertificateSource, WildcardCertificate } from "../../components/identity/wildcard-certificate";
import { checkManifests } from "../../policy/check";
import { renderComponent } from "../support/render-component";
import { find } from "../support/render-settings";

const DOMAIN = "apps.example.org";

const issuer = {
  kind: "selfMade",
  certificate: pulumi.output("authority's certificate\n"),
  privateKey: pulumi.secret("authority's key"),
  leafDays: 398,
  organization: "Example",
} as const;

const given: CertificateSource = {
  from: "given",
  certificate: "  certificate\nintermediate ",
  privateKey: pulumi.secret("key"),
};

const names = ["keycloak", "vault"] as const;

/** Hands a certificate to two namespaces, to the first of them twice. */
async function render(source: CertificateSource, hosts?: readonly [string, ...string[]]) {
  const bindings: TlsBinding[] = [];
  const rendered = await renderComponent(() => {
    const certificate = new WildcardCertificate("wildcard", { domain: DOMAIN, source });
    for (const plainName of [...names, names[0]]) {
      bindings.push(certificate.binding({ plainName, name: pulumi.output(plainName) }, hosts));
    }
  });
  return { ...rendered, bindings };
}

test("one self-made certificate for all hosts goes to each namespace", async () => {
  const { registrations, manifests } = await render({ from: "selfMade", issuer });
  const requests = registrations.filter(({ type }) => type === "tls:index/certRequest:CertRequest");
  expect(requests.map(({ inputs }) => inputs["dnsNames"])).toEqual([[`*.${DOMAIN}`, DOMAIN]]);
  const secrets = manifests.filter(({ kind }) => kind === "Secret");
  expect(secrets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
    "keycloak/apps.example.org-tls",
    "vault/apps.example.org-tls",
  ]);
  for (const secret of secrets) {
    expect(secret).toMatchObject({ type: "kubernetes.io/tls", stringData: { "tls.key": "[secret]" } });
  }
});

test("pods find a private authority in a ConfigMap next to the certificate", async () => {
  const { manifests, bindings } = await render({ from: "selfMade", issuer });
  const maps = manifests.filter(({ kind }) => kind === "ConfigMap");
  expect(maps.map(({ metadata, data }) => [metadata.namespace, metadata.name, data])).toEqual(
    names.map((name) => [name, "platform-ca", { "ca.crt": "authority's certificate\n" }]),
  );
  const [first, , again] = bindings;
  expect(again).toBe(first);
  expect(first?.namespace).toBe("keycloak");
  expect(first?.secretName).toBe("apps.example.org-tls");
  expect(first?.authorityConfigMap).toBe("platform-ca");
});

test("a certificate of somebody else is passed on; a public authority is not spread", async () => {
  const { registrations, manifests, bindings } = await render(given);
  expect(registrations.some(({ type }) => type.startsWith("tls:"))).toBe(false);
  expect(find(manifests.slice(0, 1), "Secret", "apps.example.org-tls")["stringData"]).toEqual({
    "tls.crt": "[secret]",
    "tls.key": "[secret]",
  });
  expect(manifests.map(({ kind }) => kind)).toEqual(["Secret", "Secret"]);
  expect(bindings[0]).not.toHaveProperty("certificateAuthority");

  const withAuthority = await render({ ...given, authority: "root" });
  expect(withAuthority.manifests.filter(({ kind }) => kind === "ConfigMap")[0]?.["data"]).toEqual({
    "ca.crt": "root\n",
  });
});

test("cert-manager is asked for a certificate in each namespace", async () => {
  const specs = async (hosts?: readonly [string, ...string[]]) => {
    const { manifests } = await render({ from: "issuer", name: "letsencrypt" }, hosts);
    expect(manifests.map(({ kind }) => kind)).toEqual(["Certificate", "Certificate"]);
    return manifests.map(({ spec }) => spec as Record<string, unknown>);
  };
  const [wildcard] = await specs();
  expect(wildcard).toMatchObject({
    secretName: "apps.example.org-tls",
    dnsNames: ["*.apps.example.org", "apps.example.org"],
    issuerRef: { kind: "ClusterIssuer", name: "letsencrypt" },
  });
  const [named] = await specs(["keycloak.apps.example.org"]);
  expect(named?.["dnsNames"]).toEqual(["keycloak.apps.example.org"]);
});

test.each<[string, CertificateSource]>([
  ["self-made", { from: "selfMade", issuer }],
  ["given", { ...given, authority: "root" }],
  ["by cert-manager", { from: "issuer", name: "letsencrypt", authority: "root" }],
])("%s, it keeps to every rule of the policy", async (_, source) => {
  expect(checkManifests((await render(source)).manifests)).toEqual([]);
});
