import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  builtFileName,
  catalogue,
  checksumInGitHubRelease,
  checksumInList,
  currentPlatform,
  linkerFlags,
  type Platform,
} from "../../sandbox/tools/catalogue";

const tools = Object.values(catalogue);
const platforms: Platform[] = [
  { system: "linux", architecture: "amd64" },
  { system: "linux", architecture: "arm64" },
  { system: "darwin", architecture: "amd64" },
  { system: "darwin", architecture: "arm64" },
];

test.each(tools)("$name is built from a module that pins the same version", ({ module, package: path, version }) => {
  const goMod = readFileSync(join(__dirname, "../../tools", module, "go.mod"), "utf8");
  const required = [...goMod.matchAll(/^\t(\S+) (v\S+)/gm)].filter(([, name]) => path.startsWith(name ?? "-"));
  const longest = required.sort((a, b) => (b[1] ?? "").length - (a[1] ?? "").length)[0];
  expect(longest?.[2]).toBe(`v${version}`);
  expect(goMod).toMatch(new RegExp(`^\\s*(tool )?${path.replaceAll(".", "\\.")}$`, "m"));
  expect(existsSync(join(__dirname, "../../tools", module, "go.sum"))).toBe(true);
});

test.each(tools)("$name can be downloaded for Linux on both processors", ({ download }) => {
  for (const platform of platforms.filter(({ system }) => system === "linux")) {
    const { url, checksumUrl } = download(platform) ?? {};
    expect(url).toMatch(/^https:\/\//);
    expect(checksumUrl).toMatch(/^https:\/\//);
  }
});

test("the publishers' addresses are spelled as they publish them", () => {
  const url = (name: keyof typeof catalogue, system: Platform["system"], architecture: Platform["architecture"]) =>
    catalogue[name].download({ system, architecture })?.url;
  expect(url("pulumi", "linux", "amd64")).toBe("https://get.pulumi.com/releases/sdk/pulumi-v3.246.0-linux-x64.tar.gz");
  expect(url("kube-apiserver", "linux", "arm64")).toBe(
    "https://dl.k8s.io/release/v1.34.4/bin/linux/arm64/kube-apiserver",
  );
  expect(url("kube-apiserver", "darwin", "arm64")).toBeUndefined();
  expect(url("kubectl", "darwin", "arm64")).toBe("https://dl.k8s.io/release/v1.34.4/bin/darwin/arm64/kubectl");
  expect(url("etcd", "darwin", "arm64")).toMatch(/etcd-v3\.6\.5-darwin-arm64\.zip$/);
  expect(url("kwokctl", "linux", "amd64")).toMatch(/\/kwok\/releases\/download\/v0\.7\.0\/kwokctl-linux-amd64$/);
});

test("kubectl may be one minor version away from the API server, the others must be exact", () => {
  expect(["1.33.0", "1.34.9", "1.35.1-gke.1"].map(catalogue.kubectl.accepts)).toEqual([true, true, true]);
  expect(["1.32.4", "1.36.0", "2.34.0"].map(catalogue.kubectl.accepts)).toEqual([false, false, false]);
  expect(["3.246.0", "3.246.1", "3.246.0-alpha"].map(catalogue.pulumi.accepts)).toEqual([true, false, false]);
});

test("programs built from source know their version", () => {
  expect(linkerFlags.pulumi).toContain("version.Version=v3.246.0");
  expect(linkerFlags.kubernetes).toMatch(/gitVersion=v1\.34\.4 .*gitMajor=1 .*gitMinor=34/);
});

test("go build names a program after its package, not after its major version", () => {
  expect(builtFileName(catalogue.etcd)).toBe("server");
  expect(builtFileName(catalogue["kube-apiserver"])).toBe("kube-apiserver");
});

describe("published checksums", () => {
  const sum = "a".repeat(64);

  test("are found by the exact file name", () => {
    expect(checksumInList(`${"b".repeat(64)}  other-file\n${sum}  file\n`, "file")).toBe(sum);
    expect(checksumInList(`${sum} *file`, "file")).toBe(sum);
    expect(checksumInList(`${sum}  file.sig`, "file")).toBeUndefined();
  });

  test("are taken from GitHub's description of a release", () => {
    const release = JSON.stringify({
      assets: [
        { name: "file", digest: `sha256:${sum}` },
        { name: "old", digest: null },
      ],
    });
    expect(checksumInGitHubRelease(release, "file")).toBe(sum);
    expect(checksumInGitHubRelease(release, "old")).toBeUndefined();
    expect(checksumInGitHubRelease("{}", "file")).toBeUndefined();
  });
});

test("says on which machines the sandbox runs", () => {
  expect(currentPlatform("darwin", "arm64")).toEqual({ system: "darwin", architecture: "arm64" });
  expect(currentPlatform("linux", "x64")).toEqual({ system: "linux", architecture: "amd64" });
  expect(() => currentPlatform("win32", "x64")).toThrow(/Linux and macOS.*win32\/x64.*WSL 2/);
});
