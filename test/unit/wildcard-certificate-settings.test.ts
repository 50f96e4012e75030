import * as pulumi from "@pulumi/pulumi";
import { viewOf } from "../../stacks/settings/schema-view";
import { secretPaths } from "../../stacks/settings/secrets";
import { wildcardCertificate, wildcardCertificateRules } from "../../stacks/settings/wildcard-certificate";
import { type TestCertificate, testAuthority, testCertificate } from "../support/test-certificates";

const HOSTS = ["portal.apps.example.org", "keycloak.apps.example.org"];

let root: TestCertificate;
let intermediate: TestCertificate;
let leaf: TestCertificate;

beforeAll(async () => {
  root = await testAuthority("Root");
  intermediate = await testAuthority("Intermediate", root);
  leaf = await testCertificate(["*.apps.example.org", "apps.example.org"], intermediate);
});

/** Paths of the settings that are wrong by themselves. */
function wrong(settings: unknown): string[] {
  const parsed = wildcardCertificate.safeParse(settings);
  return (parsed.error?.issues ?? []).map(({ path }) => path.join("."));
}

/** What the rules find in a combination that is right by itself: the paths and the reason. */
function broken(settings: unknown, certManager = true, hosts: readonly string[] = HOSTS): string[] {
  const certificate = wildcardCertificate.parse(settings);
  const use = { path: ["kpaas", "tls"], domainPath: ["kpaas", "domain"], hosts, certManager };
  return wildcardCertificateRules({ ...use, certificate }).map(({ paths }) =>
    paths.map((path) => path.join(".")).join(" + "),
  );
}

const pair = (changes: object = {}) => ({
  from: "given",
  certificate: leaf.certificate + intermediate.certificate,
  privateKey: leaf.key,
  ...changes,
});

test("a certificate with its chain, key and authority is accepted, and the key becomes a secret", async () => {
  const settings = pair({ authority: root.certificate });
  expect(wrong(settings)).toEqual([]);
  expect(broken(settings)).toEqual([]);
  const parsed = wildcardCertificate.parse(settings);
  expect(parsed.from === "given" && (await pulumi.isSecret(parsed.privateKey))).toBe(true);
  expect(secretPaths(viewOf(wildcardCertificate))).toEqual(["privateKey"]);
});

test("without the private authority a chain is taken for a public one", () => {
  expect(broken(pair())).toEqual([]);
});

test.each([
  ["another certificate's key", () => pair({ privateKey: root.key }), ["privateKey"]],
  ["a key that is none", () => pair({ privateKey: "key" }), ["privateKey"]],
  ["a certificate that is none", () => pair({ certificate: "certificate" }), ["certificate"]],
  [
    "a certificate that is cut off",
    () => pair({ certificate: leaf.certificate.replace(/\n[^\n]+\n-----END/, "\n-----END") }),
    ["certificate"],
  ],
  ["an authority that is none", () => pair({ authority: "authority" }), ["authority"]],
  ["no key", () => pair({ privateKey: undefined }), ["privateKey"]],
  ["an issuer without its name", () => ({ from: "issuer" }), ["name"]],
])("%s is refused", (_, settings, paths) => {
  expect(wrong(settings())).toEqual(paths);
});

test("the message about a wrong key does not hold it", () => {
  const { error } = wildcardCertificate.safeParse(pair({ privateKey: root.key }));
  expect(JSON.stringify(error)).not.toContain(root.key.split("\n")[1]);
});

test("a certificate for other hosts cannot be used", () => {
  expect(broken(pair(), true, ["portal.other.example.org"])).toEqual(["kpaas.tls.certificate + kpaas.domain"]);
  // A star stands for one label.
  expect(broken(pair(), true, ["a.portal.apps.example.org"])).toEqual(["kpaas.tls.certificate + kpaas.domain"]);
});

test("certificates have to follow each other in the order of their signing", () => {
  const certificate = leaf.certificate + root.certificate + intermediate.certificate;
  expect(broken(pair({ certificate }))).toEqual(["kpaas.tls.certificate"]);
});

test("the authority has to be the one behind the chain", async () => {
  const stranger = await testAuthority("Root"); // the same name, another key
  const paths = ["kpaas.tls.authority + kpaas.tls.certificate"];
  expect(broken(pair({ authority: stranger.certificate }))).toEqual(paths);
  expect(broken(pair({ certificate: leaf.certificate, authority: root.certificate }))).toEqual(paths);
  expect(broken(pair({ authority: stranger.certificate + root.certificate }))).toEqual([]);
});

test("an issuer needs cert-manager", () => {
  expect(broken({ from: "issuer", name: "letsencrypt" }, false)).toEqual([
    "kpaas.tls.from + cluster.capabilities.certManager",
  ]);
  expect(broken({ from: "issuer", name: "letsencrypt" })).toEqual([]);
});
