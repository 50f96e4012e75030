import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { testWith } from "../support/requirements";
import { testAuthority } from "../support/test-certificates";

const run = promisify(execFile);
const SCRIPT = join(__dirname, "../../components/kpaas/scripts/build-truststore.sh");

let work: string;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "truststore-"));
});

afterEach(() => rmSync(work, { recursive: true }));

const build = () =>
  run("sh", [SCRIPT], { env: { ...process.env, AUTHORITIES: work, TRUSTSTORE: join(work, "store") } });

/** Names in the store, read without a password as the JVM of the application does. */
async function namesIn(store: string): Promise<string[]> {
  const listing = run("keytool", ["-list", "-keystore", store, "-storetype", "JKS"], {
    env: { ...process.env, LC_ALL: "C" },
  });
  listing.child.stdin?.end("\n"); // it asks for a password, and this is the answer of those who have none
  const { stdout } = await listing;
  return stdout.split("\n").flatMap((line) => /^(\S+), .*trustedCertEntry/.exec(line)?.[1] ?? []);
}

/** A JVM is no requirement of the platform; without one nothing could be checked here. */
const hasJava = process.env["PATH"]?.split(":").some((folder) => hasKeytool(folder)) === true;
const withJava = testWith("java", hasJava);

function hasKeytool(folder: string): boolean {
  try {
    return readdirSync(folder).includes("keytool");
  } catch {
    return false; // a folder of PATH that is not there
  }
}

withJava(
  "the store has the JVM's authorities and all of ours, each certificate of a file, and can be built again",
  async () => {
    const [first, second, third] = [await testAuthority("A"), await testAuthority("B"), await testAuthority("C")];
    writeFileSync(join(work, "keycloak.crt"), `${first.certificate}\n${second.certificate}`);
    writeFileSync(join(work, "vault.crt"), third.certificate);
    await build();
    const names = await namesIn(join(work, "store"));
    const ours = names.filter((name) => name.startsWith("platform-"));
    expect(ours.sort()).toEqual(["platform-keycloak-1", "platform-keycloak-2", "platform-vault-1"]);
    expect(names.length).toBeGreaterThan(ours.length + 50);
    await build();
    expect((await namesIn(join(work, "store"))).sort()).toEqual(names.sort());
    expect(readdirSync(work).sort()).toEqual(["keycloak.crt", "store", "vault.crt"]);
  },
  60_000,
);

withJava(
  "what is no certificate is an error, and leaves no store",
  async () => {
    writeFileSync(join(work, "keycloak.crt"), "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n");
    await expect(build()).rejects.toThrow();
    expect(readdirSync(work)).not.toContain("store");
  },
  60_000,
);
