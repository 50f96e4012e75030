import { deployment, deploymentOf, type Example, object } from "./objects";

function withValue(name: string, value: string) {
  return deploymentOf({ env: [{ name, value }] });
}

function configMap(data: Readonly<Record<string, string>> | string) {
  return object("v1", "ConfigMap", "web", { data });
}

function secret(stringData: Readonly<Record<string, string>> | string, type?: string) {
  return object("v1", "Secret", "web", { stringData, ...(type !== undefined && { type }) });
}

const fromSecret = deploymentOf({
  env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "web", key: "password" } } }],
});
const privateKey = ["-----BEGIN", "PRIVATE KEY-----\nMIIB"].join(" ");

export const secretExamples: readonly Example[] = [
  {
    rule: "env-var-secret",
    failing: [
      withValue("CLIENT_SECRET", "hunter22"),
      withValue("OAUTH_SECRET_NAME", "web"), // harmless, but the real kube-linter objects to it
      withValue("DB_PASSWORD", "hunter22"),
    ],
    passing: [fromSecret, withValue("DB_PASSWORD_FILE", "/run/secrets/db"), withValue("TOKEN_TTL", "3600")],
  },
  {
    rule: "sensitive-container-env-var",
    failing: [
      withValue("DATABASE", "postgresql://shop:hunter22@db:5432/shop"),
      withValue("KEY", privateKey),
      withValue("MODE", "[secret]"),
    ],
    passing: [
      fromSecret,
      withValue("DATABASE", "postgresql://db:5432/shop"),
      withValue("DATABASE", "postgresql://shop:$(DB_PASSWORD)@db:5432/shop"),
    ],
  },
  {
    rule: "sensitive-container-args",
    failing: [deploymentOf({ args: ["--password=hunter22"] }), deploymentOf({ command: ["sh", "-c", "x [secret]"] })],
    passing: [
      deploymentOf({ args: ["--password=$(DB_PASSWORD)", "--password-file=/run/secrets/db"] }),
      deploymentOf({ command: ["sh", "-c", 'PGPASSWORD="$DB_PASSWORD" psql'] }),
    ],
  },
  {
    rule: "sensitive-configmap-content",
    failing: [
      configMap({ "application.properties": "db.password=hunter22\n" }),
      configMap({ "config.json": '{"api_key": "abcdef123456"}' }),
      configMap({ DB_PASSWORD: "hunter22" }),
      configMap("[secret]"),
    ],
    passing: [
      configMap({ "application.properties": "db.password=$" + "{DB_PASSWORD}\n", "app.ini": "password = %(DB)s\n" }),
      configMap({ "notes.md": "The password is in a Secret.", DB_PASSWORD_FILE: "/run/secrets/db" }),
      configMap({ "config.yaml": "password: null\ntokens: 5\n" }),
    ],
  },
  {
    rule: "sensitive-annotation",
    failing: [
      {
        ...deployment(),
        metadata: { name: "web", namespace: "shop", annotations: { "example.com/init": "password: hunter22" } },
      },
    ],
    passing: [
      { ...deployment(), metadata: { name: "web", namespace: "shop", annotations: { "checksum/config": "0a1b2c" } } },
    ],
  },
  {
    rule: "secret-type",
    failing: [
      secret({ "tls.crt": "[secret]", "tls.key": "[secret]" }),
      secret({ ".dockerconfigjson": "[secret]" }, "Opaque"),
    ],
    passing: [
      secret({ "tls.crt": "[secret]", "tls.key": "[secret]" }, "kubernetes.io/tls"),
      secret({ password: "[secret]" }),
      secret("[secret]"),
    ],
  },
  {
    rule: "env-value-from",
    failing: [fromSecret, secret({ user: "[secret]" })],
    passing: [fromSecret, secret({ password: "[secret]" })],
  },
  {
    rule: "env-value-from",
    failing: [deploymentOf({ envFrom: [{ configMapRef: { name: "missing" } }] })],
    passing: [deploymentOf({ envFrom: [{ configMapRef: { name: "missing", optional: true } }] })],
  },
];
