import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type EncryptionFacts,
  explainPassphrase,
  fits,
  givenPassphrase,
  stateSalt,
} from "../../sandbox/engine/passphrase";
import { readStackFile } from "../../sandbox/engine/work-folder";

/** Made by Pulumi 3.246 for the passphrase "correct horse". */
const PULUMIS_OWN = "v1:XbvrMNaAH1k=:v1:ZH2eUFnmi0i76OH6:vPI3atxRl2xVifOQ1eGh+HtUKe7yYQ==";

/** A salt as the engine makes it. */
function saltOf(passphrase: string): string {
  const [salt, nonce] = [randomBytes(8), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", pbkdf2Sync(passphrase, salt, 1_000_000, 32, "sha256"), nonce);
  const text = Buffer.concat([cipher.update("pulumi"), cipher.final(), cipher.getAuthTag()]);
  return ["v1", salt.toString("base64"), "v1", nonce.toString("base64"), text.toString("base64")].join(":");
}

const mine = saltOf("mine");
const other = saltOf("other");

test("a salt tells whether a passphrase is the one", () => {
  expect(fits("correct horse", PULUMIS_OWN)).toBe(true);
  expect(fits("battery staple", PULUMIS_OWN)).toBe(false);
  expect(fits("mine", mine)).toBe(true);
  for (const broken of ["", "v1:abc", "v1:AAAA:v1:AAAA:AAAA", "awskms://alias/x"]) {
    expect(fits("mine", broken)).toBe(false);
  }
});

const facts: EncryptionFacts = {
  stack: "dev",
  target: "sandbox",
  passphrase: { value: "mine", source: "PULUMI_CONFIG_PASSPHRASE" },
  fileSalt: undefined,
  encryptedValues: false,
  copy: { path: ".sandbox/work/dev/Pulumi.dev.yaml", salt: undefined },
  state: { path: ".sandbox/state/dev.json", salt: undefined },
};

test.each<[string, Partial<EncryptionFacts>, RegExp]>([
  [
    "the stack file needs another one",
    { fileSalt: other },
    /PULUMI_CONFIG_PASSPHRASE is not the one that the line `encryptionsalt` of Pulumi\.dev\.yaml .*plain `pulumi`.*remove the line/,
  ],
  [
    "the stack file needs another one, and has encrypted values",
    { fileSalt: other, encryptedValues: true },
    /encryptionsalt` of Pulumi\.dev\.yaml .*if it is lost, remove them and the line `encryptionsalt`/,
  ],
  [
    "the copy of an earlier run needs another one, embedded cluster",
    { copy: { ...facts.copy, salt: other } },
    /not the one of earlier runs: \.sandbox\/work\/dev\/Pulumi\.dev\.yaml.*npm run sandbox -- reset/,
  ],
  [
    "the copy of an earlier run needs another one, a cluster of the user's",
    { target: "cluster", state: undefined, copy: { ...facts.copy, salt: other } },
    /not the one of earlier runs: \.sandbox\/work\/dev\/Pulumi\.dev\.yaml.*in your backend.*remove the copy/,
  ],
  [
    "the embedded cluster's state needs another one, and the stack file has encrypted values",
    { fileSalt: mine, encryptedValues: true, state: { path: ".sandbox/state/dev.json", salt: other } },
    /opens Pulumi\.dev\.yaml, but the state of the embedded cluster, \.sandbox\/state\/dev\.json.*npm run sandbox -- reset/,
  ],
  [
    "the embedded cluster's state needs another one, and nothing in the stack file is encrypted",
    { fileSalt: mine, state: { path: ".sandbox/state/dev.json", salt: other } },
    /Remove the line `encryptionsalt` from Pulumi\.dev\.yaml/,
  ],
  [
    "the state in the user's backend needs another one",
    { target: "cluster", fileSalt: mine, state: undefined },
    /but not the state.*pulumi stack change-secrets-provider passphrase --stack dev/,
  ],
])("tells what happened and how to go on: %s", (_, change, message) => {
  expect(explainPassphrase({ ...facts, ...change })).toMatch(message);
});

describe("a salt that a plain `pulumi` left in the stack file", () => {
  const config = "config:\n  platform:x: 1\n";
  const left = `${config}encryptionsalt: ${mine}\n`;
  const secret = `config:\n  platform:x:\n    secure: v1:a:b\nencryptionsalt: ${mine}\n`;

  test.each<[string, string, string | undefined, boolean, string]>([
    ["is passed over on the embedded cluster, whose passphrase is another", left, other, false, config],
    ["is passed over on a new embedded cluster", left, undefined, false, config],
    ["counts where the embedded cluster's state was made with it", left, mine, true, left],
    ["counts where the file has encrypted values", secret, other, true, secret],
  ])("%s", (_, text, inState, ownEncryption, copy) => {
    expect(readStackFile("Pulumi.dev.yaml", text, "", () => inState)).toMatchObject({ text: copy, ownEncryption });
  });

  test("does not take the place of the embedded cluster's own in its copy", () => {
    const previous = `${config}encryptionsalt: ${other}\n`;
    expect(readStackFile("Pulumi.dev.yaml", left, previous, () => other).text).toBe(previous);
    expect(readStackFile("Pulumi.dev.yaml", left, left, () => undefined).text).toBe(config);
  });

  test("counts on a cluster of the user's", () => {
    expect(readStackFile("Pulumi.dev.yaml", left, "")).toMatchObject({ text: left, ownPassphrase: true, salt: mine });
  });
});

test("the passphrase comes from the variable, else from the file; the salt of the state from its file", () => {
  const folder = mkdtempSync(join(tmpdir(), "platform-passphrase-"));
  const file = join(folder, "passphrase");
  writeFileSync(file, "mine\n");
  expect(givenPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: file })).toEqual({
    value: "mine",
    source: `the file ${file}`,
  });
  const both = { PULUMI_CONFIG_PASSPHRASE: "p", PULUMI_CONFIG_PASSPHRASE_FILE: file };
  expect(givenPassphrase(both)).toEqual({ value: "p", source: "PULUMI_CONFIG_PASSPHRASE" });
  expect(givenPassphrase({}).value).toBe("");
  const { path, salt } = stateSalt(folder, "platform", "dev");
  expect(salt).toBeUndefined();
  mkdirSync(dirname(path), { recursive: true });
  const provider = { type: "passphrase", state: { salt: mine } };
  writeFileSync(path, JSON.stringify({ version: 3, checkpoint: { latest: { secrets_providers: provider } } }));
  expect(stateSalt(folder, "platform", "dev").salt).toBe(mine);
  rmSync(folder, { recursive: true });
});
