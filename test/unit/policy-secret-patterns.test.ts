import fc from "fast-check";
import { isSecretName, secretIn } from "../../policy/secret-patterns";

describe("texts that hold a secret", () => {
  test.each([
    "password=correcthorse",
    '{"password": "correcthorse"}',
    "default_password = correcthorse",
    "spring.datasource.password: correcthorse",
    "amqp://guest:correcthorse@broker:5672/",
    "redis://:correcthorse@cache:6379",
    `glpat-${"a".repeat(20)}`,
    `AKIA${"A".repeat(16)}`,
    ["-----BEGIN", "RSA PRIVATE KEY-----"].join(" "),
    "anything with [secret] in it",
  ])("%s", (text) => expect(secretIn(text)).toBeDefined());
});

describe("texts that only speak of one", () => {
  test.each([
    "password=$PASSWORD",
    "password=$(PASSWORD)",
    "password: {{ .password }}",
    "password = %(PASSWORD)s",
    "password: <yours>",
    "password=",
    "password: null",
    "passwordFile=/run/secrets/password",
    "--password /run/secrets/password",
    "amqp://broker:5672/",
    "https://example.com:8443/path@version",
    "postgresql://user:$(PASSWORD)@db:5432/app",
    "Change the password before you go on.",
    "loopback_users.guest = false",
    "password_hashing_module = rabbit_password_hashing_sha256",
    "ssh-keygen -t ed25519",
  ])("%s", (text) => expect(secretIn(text)).toBeUndefined());
});

test("the description never contains any of the text", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z0-9]{12,40}$/), (value) => {
      expect(secretIn(`password=${value}`)).toBe("a password or token in clear");
    }),
  );
});

test.each([
  ["DB_PASSWORD", true],
  ["apiKey", true],
  ["GITHUB_TOKEN", true],
  ["DB_PASSWORD_FILE", false],
  ["TOKEN_TTL", false],
  ["SECRET_NAME", false],
  ["LOG_LEVEL", false],
])("%s is the name of a secret: %p", (name, expected) => expect(isSecretName(name)).toBe(expected));

test("a large text without a secret is read in one go", () => {
  const binary = "0123456789abcdef".repeat(64 * 1024); // one unbroken word, as checksums and binary data are
  expect(secretIn(binary)).toBeUndefined();
});
