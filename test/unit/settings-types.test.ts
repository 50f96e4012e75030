import * as fc from "fast-check";
import type { z } from "zod";
import { describeText, redacted } from "../../stacks/settings/redact";
import { cron, harborCron } from "../../stacks/settings/types/cron";
import { authorityText, certificateChain, privateKeyFault } from "../../stacks/settings/types/pem";
import {
  annotations,
  cidr,
  clusterRange,
  cpuQuantity,
  hostName,
  httpUrl,
  imageRepository,
  ipAddress,
  labels,
  memoryQuantity,
  oneLine,
  ownNamespace,
  podLabels,
  projectRepository,
  registryHost,
  registryPrefix,
  serverAddress,
  storageQuantity,
  toleration,
} from "../../stacks/settings/values";
import { sampleAuthority, sampleSshKey } from "../support/sample-pem";
import { type TestCertificate, testAuthority, testCertificate } from "../support/test-certificates";

const types: Readonly<Record<string, z.ZodType>> = {
  annotations,
  authority: authorityText("Authority."),
  chain: certificateChain("Chain."),
  cidr,
  clusterRange,
  cpu: cpuQuantity,
  cron,
  harborCron,
  host: hostName,
  image: imageRepository,
  ip: ipAddress,
  labels,
  memory: memoryQuantity,
  namespace: ownNamespace,
  peopleUrl: httpUrl({ path: "none", calledByPods: false }),
  plainUrl: httpUrl({ path: "plain" }),
  podLabels,
  projectRepository,
  registry: registryPrefix,
  registryHost,
  server: serverAddress,
  storage: storageQuantity,
  text: oneLine(10),
  toleration,
  url: httpUrl(),
};

test.each<[type: string, good: readonly unknown[], bad: readonly unknown[]]>([
  [
    "cpu",
    ["500m", "2", 2, 0.5, "0.25", ".5"],
    ["1Gi", "0", 0, "0m", "0.0005", "1e3", "100000", "-1", "", "2 ", 5e-324, Number.NaN],
  ],
  [
    "memory",
    ["512Mi", "4Gi", "1.5Gi", "2G", 536870912],
    ["512m", "2000m", "512", 512, "0", "1Ki", "0.1Gi", "8GB", "100Pi", "512mi", 1e21, "4gi"],
  ],
  ["storage", ["10Mi", "1Ti", 1073741824], ["512", 512, "0Gi", "1m", "10GB", "1Ei", "-5Gi", ""]],
  [
    "cron",
    ["23 */6 * * *", "0 0 * * 1-5", "0 3 1,15 jan ?", "*/5 * * * SUN"],
    [
      "99 3 * * *",
      "* * * *",
      "* * * * * *",
      "@daily",
      "0 0 30 2 *",
      "0 0 * * 7",
      "0 0 L * *",
      "*/0 * * * *",
      "0  0 * * *",
      "0 3 * * *\n",
      "CRON_TZ=UTC 0 3 * * *",
      "10-5 * * * *",
    ],
  ],
  ["harborCron", ["0 0 3 * * *"], ["1 0 3 * * *", "0 99 3 * * *", "0 3 * * *"]],
  [
    "host",
    ["a.example.org", "xn--bcher-kva.example"],
    [
      "192.168.0.110",
      "192.168.0.256",
      "1.2.3",
      "example",
      "A.example.org",
      "a..b.org",
      "-a.org",
      "a.org.",
      "https://a.org",
      "a.org:80",
      "a_b.org",
      `${"a".repeat(64)}.org`,
      "*.example.org",
    ],
  ],
  [
    "server",
    ["db", "db.example.org", "10.1.2.3", "2001:db8::1"],
    [
      "localhost",
      "db.localhost",
      "127.0.0.1",
      "127.9.9.9",
      "::1",
      "0.0.0.0",
      "::",
      "192.168.0.256",
      "010.1.2.3",
      "1",
      "3232235521",
      "fe80::1%eth0",
      "db:5432",
      "db/x",
      "[2001:db8::1]",
      "db\n",
    ],
  ],
  [
    "ip",
    ["203.0.113.7", "2001:db8::1"],
    ["192.168.0.256", "1.2.3", "example.org", "127.0.0.1", "203.0.113.7/32", "203.0.113.7 "],
  ],
  [
    "cidr",
    ["10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "192.168.0.110/32", "fd00::1/128"],
    [
      "10.1.2.3/8",
      "10.0.0.0",
      "10.0.0.0/33",
      "10.0.0.0/-1",
      "10.0.0.0/08",
      "2001:db8::1/32",
      "::ffff:10.0.0.0/104",
      "10.0.0/8",
      "",
    ],
  ],
  ["clusterRange", ["10.244.0.0/16", "fd00:1::/56"], ["0.0.0.0/0", "::/0", "10.244.0.1/16"]],
  [
    "url",
    [
      "https://a.example.org",
      "http://a.example.org:8080/x/y",
      "https://[2001:db8::1]:8200/v1",
      "http://10.0.0.1",
      "https://a.example.org/v1/",
    ],
    [
      "https://a.example.org:99999/x",
      "https://a.example.org:0",
      "https://u:p@a.example.org",
      "https://u@a.example.org",
      "ftp://a.example.org",
      "https:/a.example.org",
      "https:a.example.org",
      "a.example.org",
      "https://",
      "https://a b",
      "https://a.example.org/x y",
      "https://a.example.org?x=1",
      "https://a.example.org#x",
      "https://localhost:8080",
      "https://127.0.0.1",
      "https://192.168.0.256",
      "https://a.example.org\n",
      "https://a.example.org//x",
      "https://[::1]/",
      "https://[zz]/",
      "https://a.example.org\\x",
    ],
  ],
  [
    "plainUrl",
    ["https://sso.example.org/realms/cp"],
    ["https://sso.example.org/", "https://sso.example.org/realms/", "https://sso.example.org:99999/realms/cp"],
  ],
  [
    "peopleUrl",
    ["http://192.0.2.10:30080", "https://x.platform.localhost"],
    ["https://a.example.org/", "https://a.example.org/x", "https://a.example.org:", "https://192.0.2.256"],
  ],
  [
    "image",
    ["guoqiangqi/openchecker", "ghcr.io/a/b", "host:5000/a", "a__b/c-d"],
    ["a:b", "ghcr.io/a:v1", "a/B", "host:99999/a", "a//b", "/a", "a/", "a@sha256:0", "https://a/b", "a___b", "-a", ""],
  ],
  ["projectRepository", ["cp-portal-ui", "a/b"], ["docker.io/a/b", "a:1"]],
  [
    "registry",
    ["registry.example.org/mirror", "registry:5000", "10.0.0.1:5000/x"],
    [
      "mirror",
      "mirror/x",
      "https://r.example.org",
      "r.example.org/",
      "r.example.org:99999",
      "u:p@r.example.org",
      "r.example.org/A",
      "r..org",
    ],
  ],
  ["registryHost", ["registry.example.org:5000"], ["registry", "r.example.org/x", "r.example.org:0", "r.example.org:"]],
  [
    "labels",
    [{}, { "a.b/c": "d", e: "" }],
    [
      { "a b": "c" },
      { "": "x" },
      { "a/b/c": "x" },
      { "A_/b": "x" },
      { a: "b c" },
      { a: "-b" },
      { a: "x".repeat(64) },
      { ["k".repeat(64)]: "x" },
      { a: 1 },
    ],
  ],
  ["podLabels", [{ a: "b" }], [{}]],
  [
    "annotations",
    [{ "Example.org/a": "any text: é\nmore" }],
    [{ "a b": "c" }, { "a/b/c": "" }, { a: "x\u0000" }, { a: true }, { a: "x".repeat(300_000) }],
  ],
  [
    "toleration",
    [{ operator: "Exists" }, { key: "a", value: "b", effect: "NoExecute", tolerationSeconds: 5 }],
    [
      {},
      { value: "x" },
      { key: "a", operator: "Exists", value: "b" },
      { key: "a b" },
      { key: "a", value: "b c" },
      { key: "a", tolerationSeconds: 5 },
      { key: "a", effect: "NoSchedule", tolerationSeconds: 5 },
      { key: "" },
    ],
  ],
  ["text", ["ein Text"], ["", " ", "a\nb", "a\tb", " a", "a ", "x".repeat(11), "a\u2028b", "a\u0000"]],
  ["namespace", ["openchecker"], ["default", "kube-system", "kube-x", "openshift-dns", "A", "a.b"]],
])("%s takes what works and refuses what does not", (type, good, bad) => {
  const accepted = (value: unknown) => types[type]?.safeParse(value).success;

  expect(good.filter((value) => !accepted(value))).toEqual([]);
  expect(bad.filter(accepted)).toEqual([]);
});

describe("PEM", () => {
  let root: TestCertificate;
  let leaf: TestCertificate;

  beforeAll(async () => {
    root = await testAuthority("Root");
    leaf = await testCertificate(["a.example.org"], root);
  });

  const reason = (type: string, text: string): string =>
    (types[type]?.safeParse(text).error?.issues ?? []).map((issue) => String(Object(issue)["params"]?.reason)).join();

  test("certificates are read, and what is wrong with them is said", () => {
    expect(reason("authority", root.certificate)).toBe("");
    expect(reason("authority", sampleAuthority.replaceAll("\n", "\r\n"))).toBe("");
    expect(reason("chain", leaf.certificate + root.certificate)).toBe("");
    expect(reason("authority", leaf.certificate)).toContain("one of a server and no authority");
    expect(reason("authority", "/etc/ssl/ca.pem")).toContain("name of a file");
    expect(reason("authority", root.certificate.slice(0, 200))).toContain("cut off");
    expect(reason("authority", root.certificate.replace(/\n[^\n]+\n-----END/, "\n-----END"))).toContain("cut off");
    expect(reason("authority", root.certificate.replaceAll("\n", "\\n"))).toContain("line breaks");
    expect(reason("authority", `${root.certificate}garbage\n${root.certificate}`)).toContain("other text");
    expect(reason("chain", leaf.certificate + leaf.key)).toContain("private key stands among");
    expect(reason("chain", "")).toContain("no PEM text");
  });

  test("what expired is refused, unless its successor stands beside it", () => {
    jest.useFakeTimers({ now: new Date("2090-01-01T00:00:00Z"), doNotFake: ["nextTick", "setImmediate"] });
    try {
      expect(reason("chain", leaf.certificate)).toMatch(/Certificate 1 of 1: It expired at \d{4}-/);
      expect(reason("authority", root.certificate)).toContain("It expired at");
      expect(reason("authority", root.certificate + sampleAuthority)).toBe("");
    } finally {
      jest.useRealTimers();
    }
  });

  test("private keys are read, and one with a passphrase is refused", () => {
    expect(privateKeyFault(leaf.key)).toBeUndefined();
    expect(privateKeyFault(sampleSshKey())).toBeUndefined();
    expect(privateKeyFault(sampleSshKey("aes256-ctr"))).toContain("passphrase");
    expect(privateKeyFault(sampleSshKey().replace(/\n[^\n]+\n-----END/, "\n-----END"))).toContain("cut off");
    expect(privateKeyFault(leaf.key.replace(/\n[^\n]+\n-----END/, "\n-----END"))).toContain("cut off");
    expect(privateKeyFault("ssh-ed25519 AAAA me@host")).toContain("public key");
    expect(privateKeyFault("~/.ssh/id_rsa")).toContain("name of a file");
    expect(privateKeyFault(leaf.certificate)).toContain("something else");
    expect(privateKeyFault(leaf.key + leaf.key)).toContain("something else");
  });
});

describe("what a message shows of a text", () => {
  const secret = fc
    .stringMatching(/^[A-Za-z0-9!#$%&*+,./:;=?@^_~-]{8,30}$/)
    .filter((text) => !text.includes("example"));
  const whole = (text: string) => [describeText(text), redacted(JSON.stringify(text)), redacted(`Given: ${text}`)];

  test("is never the user information of a URL, however badly it is written", () => {
    const before = fc.constantFrom("http://", "https://", "http:/", "http:", "//", "amqp://", "HTTP://", "https:///");
    fc.assert(
      fc.property(before, secret, secret, fc.constantFrom("@", "%40"), (scheme, user, password, at) => {
        for (const text of whole(`${scheme}${user}:Q7zKpW${password}${at}proxy.example.org:3128/path`)) {
          expect(text).not.toContain("Q7zKpW");
        }
      }),
    );
    expect(describeText("user:pa ss/w@rd@proxy:3128")).not.toMatch(/pa ss|w@rd|user/);
    expect(describeText("http://user:pass@proxy:3128")).toBe('the text "http://[not shown]@proxy:3128"');
  });

  test("is never a key in PEM, nor any text of several lines", () => {
    const body = fc.stringMatching(/^[A-Za-z0-9+/]{20,60}$/);
    fc.assert(
      fc.property(body, fc.constantFrom("\n", "\\n", " ", "\r\n"), fc.boolean(), (key, line, closed) => {
        const end = closed ? `${line}-----END RSA PRIVATE KEY-----` : "";
        for (const text of whole(`-----BEGIN RSA PRIVATE KEY-----${line}${key}${end}`)) {
          expect(text).not.toContain(key);
        }
        expect(describeText(`${key}\n${key}`)).not.toContain(key);
      }),
    );
  });

  test("is everything else, shortened", () => {
    expect(describeText("https://example.org/a")).toBe('the text "https://example.org/a"');
    expect(describeText("x".repeat(100))).toBe(`the text "${"x".repeat(80)}…"`);
    expect(describeText("https://example.org/a?token=abc")).toBe('the text "https://example.org/a?[not shown]"');
    expect(describeText(`ghp_${"a1B2".repeat(9)}`)).toContain("looks like an access token");
  });
});
