import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { secretPaths, settingsSchema } from "../../stacks/settings";
import { viewOf } from "../../stacks/settings/schema-view";
import { errorOf, problemsOf, settingsOf } from "./settings-support";

const all = secretPaths(viewOf(settingsSchema));

/** Its name has a dot, which the tests below would take for a step. */
const paths = all.filter((path) => path !== "vault.seal.credentials.credentials.json");

/** A name that people could choose, for the paths that leave it open. */
const chosenNames: Readonly<Record<string, string>> = {
  "keycloak.external.clients.*.clientSecret": "portal",
  "mariadb.external.logins.*.password": "keycloak",
  "vault.external.applications.*.roleId": "cp-portal-api",
  "vault.external.applications.*.secretId": "cp-portal-api",
};

/** What has to stand beside a secret so that the schema knows which variant is meant. */
function variantOf(parent: string, path: string): Record<string, unknown> {
  const seals: [prefix: string, type: string][] = [
    ["vault.seal.credentials.VAULT", "transit"],
    ["vault.seal.credentials.AWS", "awskms"],
    ["vault.seal.credentials.ALICLOUD", "alicloudkms"],
    ["vault.seal.credentials.AZURE", "azurekeyvault"],
  ];
  const type = seals.find(([prefix]) => path.startsWith(prefix))?.[1] ?? "transit";
  return { "kpaas.tls": { from: "given" }, "vault.seal": { type } }[parent] ?? {};
}

/** The path as people write it. */
function concrete(path: string): string {
  return path.replace("*", chosenNames[path] ?? "*");
}

/** `{ a: { b: value } }` for `a.b`. */
function nested(path: string, value: unknown): Record<string, unknown> {
  const keys = path.split(".");
  return keys.reduceRight<unknown>(
    (below, key, index) => ({ ...variantOf(keys.slice(0, index).join("."), path), [key]: below }),
    value,
  ) as Record<string, unknown>;
}

/** Recognisable in any text, followed by anything. */
const secretText = fc
  .tuple(fc.uuid(), fc.string())
  .map(([recognisable, rest]) => ({ recognisable, text: recognisable + rest }));

test("every password, token and key is a secret setting", () => {
  expect([...all].sort()).toEqual([
    "chartmuseum.external.login.password",
    "harbor.administratorPassword",
    "harbor.database.external.password",
    "harbor.external.pull.password",
    "harbor.external.push.password",
    "harbor.redis.external.password",
    "harbor.storage.s3.accessKey",
    "harbor.storage.s3.secretKey",
    "harbor.trivy.githubToken",
    "keycloak.administratorPassword",
    "keycloak.external.clients.*.clientSecret",
    "keycloak.realm.mail.login.password",
    "kpaas.portal.terraman.sshPrivateKey",
    "kpaas.tls.privateKey",
    "kubekloud.database.external.password",
    "mariadb.external.administrator.password",
    "mariadb.external.logins.*.password",
    "openchecker.chatbot.apiKey",
    "openchecker.ohpm.accessKey",
    "openchecker.ohpm.secretKey",
    "openchecker.sonarqube.external.password",
    "openchecker.sonarqube.external.token",
    "openchecker.tokens.gitcode",
    "openchecker.tokens.gitee",
    "openchecker.tokens.github",
    "openchecker.user.password",
    "openhands.languageModel.apiKey",
    "pipeline.registryAdministrator.password",
    "rabbitmq.external.management.password",
    "rabbitmq.external.users.main.password",
    "rabbitmq.external.users.worker.password",
    "sonarqube.administratorPassword",
    "sonarqube.database.external.password",
    "sourceControl.manager.administrator.password",
    "vault.external.applications.*.roleId",
    "vault.external.applications.*.secretId",
    "vault.seal.credentials.ALICLOUD_ACCESS_KEY",
    "vault.seal.credentials.ALICLOUD_SECRET_KEY",
    "vault.seal.credentials.AWS_ACCESS_KEY_ID",
    "vault.seal.credentials.AWS_SECRET_ACCESS_KEY",
    "vault.seal.credentials.AWS_SESSION_TOKEN",
    "vault.seal.credentials.AZURE_CLIENT_ID",
    "vault.seal.credentials.AZURE_CLIENT_SECRET",
    "vault.seal.credentials.VAULT_TOKEN",
    "vault.seal.credentials.credentials.json",
  ]);
});

test.each(paths.map(concrete))("%s is refused unencrypted, and the report does not contain it", (path) => {
  fc.assert(
    fc.property(secretText, ({ recognisable, text }) => {
      const { message } = errorOf(nested(path, text));
      expect(message).toContain(`pulumi config set --secret --path 'platform:${path}'`);
      expect(message).not.toContain(recognisable);
    }),
    { numRuns: 20 },
  );
});

test.each(paths.map(concrete))(
  "the report does not contain a secret that was put at the wrong depth near %s",
  (path) => {
    const keys = path.split(".");
    fc.assert(
      fc.property(secretText, fc.integer({ min: 1, max: keys.length }), ({ recognisable, text }, depth) => {
        const shallow = nested(keys.slice(0, depth).join("."), text);
        const deep = nested(`${path}.value`, text);
        const misspelt = nested(`${path}x`, text);
        for (const configured of [shallow, deep, misspelt]) {
          expect(errorOf(configured).message).not.toContain(recognisable);
        }
      }),
      { numRuns: 20 },
    );
  },
);

test("nothing below a section with encrypted values is shown, whichever setting it is", () => {
  fc.assert(
    fc.property(secretText, ({ recognisable, text }) => {
      const configured = {
        openchecker: {
          namespace: `${text}!`,
          agents: { replicas: text, tolerations: text, autoscaling: { type: text } },
          exposure: { type: "ingress", host: `${text} ` },
        },
      };
      expect(errorOf(configured, { secretKeys: ["openchecker"] }).message).not.toContain(recognisable);
    }),
    { numRuns: 20 },
  );
});

test("a secret that is too short is explained without its length", () => {
  const [problem] = problemsOf({ openchecker: { user: { password: "short" } } }, { secretKeys: ["openchecker"] });

  expect(problem?.path).toBe("platform:openchecker.user.password");
  expect(problem?.text).toContain("at least 8 characters");
  expect(problem?.text).toContain("a text that is not shown");
  expect(problem?.text).not.toMatch(/short|\b5\b/);
});

test("a secret with a line break is refused, since it would end its line in a configuration file", () => {
  const [problem] = problemsOf({ openchecker: { tokens: { github: "a\nb" } } }, { secretKeys: ["openchecker"] });

  expect(problem?.text).toContain("on one line");
});

test("an encrypted secret becomes a secret Output", async () => {
  const { openchecker } = settingsOf(
    { openchecker: { agents: { generation: "current" }, tokens: { github: "token-of-github" } } },
    { secretKeys: ["openchecker"] },
  );

  expect(await pulumi.isSecret(pulumi.output(openchecker.tokens.github))).toBe(true);
  expect(openchecker.tokens.gitee).toBeUndefined();
});
