import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountFiles } from "../../components/kubernetes/user-account";
import { testWith } from "../support/requirements";

/** A mount namespace of our own takes root, and not every container gives that away. */
const canMount = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
const hasKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;
const whereItRuns = testWith(canMount ? "ssh-keygen" : "root and mount namespaces", canMount && hasKeygen);

whereItRuns("ssh-keygen works for a user that the image does not have", () => {
  const folder = mkdtempSync(join(tmpdir(), "platform-account-"));
  try {
    const { passwd, group } = accountFiles({ uid: 41000, name: "1000", home: "/home/1000" });
    writeFileSync(join(folder, "passwd"), passwd);
    writeFileSync(join(folder, "group"), group);
    const generate = "setpriv --reuid=41000 --regid=41000 --clear-groups ssh-keygen -q -t ed25519 -N '' -f";
    const run = (known: boolean, name: string) =>
      spawnSync(
        "unshare",
        [
          "--mount",
          "sh",
          "-euc",
          [
            ...(known ? ["passwd", "group"].map((file) => `mount --bind ${folder}/${file} /etc/${file}`) : []),
            `mkdir -m 0777 ${folder}/${name}`,
            `chmod 0755 ${folder}`,
            `${generate} ${folder}/${name}/key`,
            "setpriv --reuid=41000 --regid=41000 --clear-groups sh -c 'id -un; echo ~1000'",
          ].join("; "),
        ],
        { encoding: "utf8" },
      );
    expect(run(false, "without").stderr).toMatch(/No user exists for uid 41000/);
    expect(run(true, "with")).toMatchObject({ status: 0, stdout: "1000\n/home/1000\n" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
