import { X509Certificate } from "node:crypto";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { RandomBytes, RandomId, RandomPassword, RandomString, RandomUuid } from "@pulumi/random";
import { CertRequest, LocallySignedCert, PrivateKey, SelfSignedCert } from "@pulumi/tls";
import { compare } from "bcryptjs";
import { outputOf, ProviderTests, unlikeOfficial } from "./providers-support";

const tests = new ProviderTests();

const random = (keeper: string) => async () => {
  const keepers = { keeper };
  const password = new RandomPassword("password", { length: 20, special: false, minNumeric: 3, keepers });
  const bytes = new RandomBytes("bytes", { length: 16 });
  return {
    password: password.result,
    hash: password.bcryptHash,
    text: new RandomString("text", { length: 12, upper: false, overrideSpecial: "_" }).result,
    id: new RandomId("id", { byteLength: 4, prefix: "p-" }).hex,
    uuid: new RandomUuid("uuid").result,
    bytes: bytes.base64,
  };
};

unlikeOfficial("random values are made once, stay, and are secret where they have to be", async () => {
  const stack = await tests.stack("random");
  const made = await stack.up(random("1"));
  const password = outputOf<string>(made, "password");
  expect(password).toMatch(/^[a-zA-Z0-9]{20}$/);
  expect(await compare(password, outputOf(made, "hash"))).toBe(true);
  expect(outputOf(made, "text")).toMatch(/^[a-z0-9_]{12}$/);
  expect(outputOf(made, "id")).toMatch(/^p-[0-9a-f]{8}$/);
  expect(outputOf(made, "uuid")).toMatch(/^[0-9a-f-]{36}$/);
  expect(Buffer.from(outputOf<string>(made, "bytes"), "base64")).toHaveLength(16);
  expect(
    Object.entries(made.outputs)
      .filter(([, { secret }]) => secret)
      .map(([name]) => name)
      .sort(),
  ).toEqual(["bytes", "hash", "password"]);
  const state = stack.state();
  for (const name of ["bytes", "hash", "password"]) expect(state).not.toContain(outputOf<string>(made, name));

  await stack.refresh(random("1"));
  const again = await stack.up(random("1"));
  expect(again.steps).toEqual([]);
  expect(again.outputs).toEqual(made.outputs);
  const replaced = await stack.up(random("2"));
  expect(replaced.steps.map(({ name }) => name)).toEqual(["password", "password", "password"]);
  expect(outputOf(replaced, "password")).not.toBe(password);
});

test("impossible arguments are refused in the preview", async () => {
  const stack = await tests.stack("arguments");
  const { succeeded, messages } = await stack.preview(async () => {
    new RandomPassword("password", { length: 2, minNumeric: 2, minLower: 2 });
  });
  expect(succeeded).toBe(false);
  expect(messages).toMatch(/length/);
});

const certificates = (earlyRenewalHours: number) => async () => {
  const authorityKey = new PrivateKey("authority", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const authority = new SelfSignedCert("authority", {
    privateKeyPem: authorityKey.privateKeyPem,
    isCaCertificate: true,
    allowedUses: ["cert_signing", "crl_signing"],
    validityPeriodHours: 48,
    subject: { commonName: "conformance CA", organization: 'a "quoted", name' },
  });
  const key = new PrivateKey("server", { algorithm: "RSA", rsaBits: 2048 });
  const request = new CertRequest("server", {
    privateKeyPem: key.privateKeyPem,
    dnsNames: ["web.test"],
    ipAddresses: ["127.0.0.1"],
    subject: { commonName: "web.test" },
  });
  const certificate = new LocallySignedCert("server", {
    caPrivateKeyPem: authorityKey.privateKeyPem,
    caCertPem: authority.certPem,
    certRequestPem: request.certRequestPem,
    allowedUses: ["server_auth", "digital_signature"],
    validityPeriodHours: 24,
    earlyRenewalHours,
  });
  return { authority: authority.certPem, certificate: certificate.certPem, key: key.privateKeyPem };
};

test("certificates are valid, stay, and no key is in plain text in the state", async () => {
  const stack = await tests.stack("certificates");
  const made = await stack.up(certificates(0));
  const authority = new X509Certificate(outputOf<string>(made, "authority"));
  const certificate = new X509Certificate(outputOf<string>(made, "certificate"));
  expect(authority.ca).toBe(true);
  expect(authority.subject).toContain("conformance CA");
  expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkHost("web.test")).toBe("web.test");
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(stack.state()).not.toContain("PRIVATE KEY");
  await stack.refresh(certificates(0));
  expect((await stack.up(certificates(0))).steps).toEqual([]);
});

unlikeOfficial("a certificate within its early renewal time is replaced", async () => {
  const stack = await tests.stack("renewal");
  await stack.up(certificates(0));
  const { steps } = await stack.preview(certificates(25));
  expect(steps.find(({ op }) => op === "replace")?.paths).toContain("readyForRenewal");
});

test("a generated secret reaches an object without showing in its state", async () => {
  const stack = await tests.stack("wired");
  const program = async () => {
    const { result } = new RandomPassword("password", { length: 24, special: false });
    new ConfigMap("map", { metadata: { namespace: "conformance" }, data: { result } }, tests.provider());
    return { result };
  };
  expect((await stack.preview(program)).succeeded).toBe(true);
  const made = await stack.up(program);
  expect(stack.state()).not.toContain(outputOf<string>(made, "result"));
});
