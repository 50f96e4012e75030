import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childrenSeconds, measure } from "../../bench/measure";
import { copyOf, withSecretValues } from "../../bench/objects";
import { plots, reportMarkdown, reportText } from "../../bench/report";
import { type BenchResults, Collection } from "../../bench/results";
import { costPerObject, growthExponent, spreadOf } from "../../bench/statistics";
import { barPlot, linePlot, niceMaximum } from "../../bench/svg";
import type { Manifest } from "../../stacks/render";

describe("statistics", () => {
  test("the median is the middle value, or the mean of the two in the middle", () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, minimum: 1, maximum: 5, runs: 3 });
    expect(spreadOf([4, 1, 3, 100]).median).toBe(3.5);
    expect(() => spreadOf([])).toThrow("no values");
  });

  test.each([
    ["linear", 1, (size: number) => 3 * size],
    ["the square", 2, (size: number) => 0.1 * size ** 2],
    ["constant", 0, () => 7],
  ])("a growth that is %s has the exponent %d", (_, exponent, cost) => {
    const points = [300, 600, 1200, 2400].map((size) => ({ size, value: cost(size) }));
    expect(growthExponent(points)).toBeCloseTo(exponent, 10);
  });

  test("what one object costs does not hold what is paid once", () => {
    expect(costPerObject([100, 200, 400].map((size) => ({ size, value: 5 + 0.02 * size })))).toBeCloseTo(0.02, 10);
    expect(() => costPerObject([{ size: 1, value: 1 }])).toThrow("two different sizes");
    expect(() => growthExponent([{ size: 1, value: 0 }])).toThrow("positive");
  });
});

describe("measuring", () => {
  test("counts the work of a command and of what it started, and holds its memory", async () => {
    const busy = "const end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end);";
    const nested = `require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(busy)}]);`;
    const cost = await measure({ program: process.execPath, args: ["-e", nested] });
    expect(cost.cpuSeconds).toBeGreaterThan(0.3);
    expect(cost.wallSeconds).toBeGreaterThan(0.25);
    if (process.platform === "linux") expect(cost.peakMebibytes).toBeGreaterThan(20);
  });

  test("an unexpected exit code is an error with what the command said", async () => {
    const args = ["-e", 'console.error("it is broken"); process.exit(3);'];
    await expect(measure({ program: process.execPath, args })).rejects.toThrow(/ended with 3:\n[\s\S]*it is broken/);
    await expect(measure({ program: process.execPath, args, accepts: [0, 3] })).resolves.toBeDefined();
  });

  test("an interruption ends the command with everything that it started, even in a group of its own", async () => {
    const nested =
      'const { spawn } = require("node:child_process"); const child = spawn("sleep", ["600"], { detached: true }); require("node:fs").writeFileSync(process.argv[1], String(child.pid));';
    const folder = mkdtempSync(join(tmpdir(), "platform-bench-test-"));
    const file = join(folder, "pid");
    const interruption = new AbortController();
    const run = measure({ program: process.execPath, args: ["-e", nested, file] }, interruption.signal);
    while (!existsSync(file) || readFileSync(file, "utf8") === "") await new Promise((done) => setTimeout(done, 20));
    const pid = Number(readFileSync(file, "utf8"));
    interruption.abort(new Error("enough"));
    await expect(run).rejects.toThrow("enough");
    const isGone = () =>
      !existsSync(`/proc/${pid}`) || /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    if (process.platform === "linux") while (!isGone()) await new Promise((done) => setTimeout(done, 20));
    rmSync(folder, { recursive: true });
  });

  test("reads what shells print for `times`", () => {
    expect(childrenSeconds("0m0.00s 0m0.00s\n2m1.50s 0m0.25s\n")).toBe(121.75);
    expect(() => childrenSeconds("?")).toThrow("unexpected");
  });
});

describe("objects", () => {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "login", namespace: "shop" },
    data: { password: "[secret]", ".dockerconfigjson": "[secret]" },
  };

  test("closed secrets get values that the API server takes", () => {
    const { data } = withSecretValues(secret) as unknown as { data: Record<string, string> };
    expect(Buffer.from(data["password"] ?? "", "base64").toString("base64")).toBe(data["password"]);
    expect(JSON.parse(Buffer.from(data[".dockerconfigjson"] ?? "", "base64").toString())).toEqual({ auths: {} });
    expect(JSON.stringify(data)).not.toContain("[secret]");
  });

  test("a copy lies in namespaces of its own, and what is unique in a cluster is renamed wherever it is named", () => {
    const objects = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
      { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "shop-data" }, spec: {} },
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "data", namespace: "shop" },
        spec: { volumeName: "shop-data" },
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "web", namespace: "shop" },
        spec: { ports: [{ port: 80, nodePort: 30080 }] },
      },
    ] as Manifest[];
    expect(copyOf(objects, 1)).toEqual(objects);
    expect(copyOf(objects, 3)).toMatchObject([
      { metadata: { name: "shop-3" } },
      { metadata: { name: "shop-data-3" } },
      { metadata: { name: "data", namespace: "shop-3" }, spec: { volumeName: "shop-data-3" } },
      { metadata: { name: "web", namespace: "shop-3" }, spec: { ports: [{ port: 80 }] } },
    ]);
    expect(JSON.stringify(copyOf(objects, 3))).not.toContain("nodePort");
  });
});

describe("plots", () => {
  test("an axis ends at a short number that is not below the largest value", () => {
    expect([0, 0.03, 1, 3.2, 5.5, 87, 2568].map((value) => niceMaximum([value]))).toEqual([
      1, 0.04, 1, 4, 8, 100, 4000,
    ]);
  });

  test("lines and bars are drawn to scale, and names are no markup", () => {
    const points = [
      { x: 0, y: 0 },
      { x: 400, y: 8 },
    ];
    const lines = linePlot({ title: "a < b", xLabel: "objects", yLabel: "s", lines: [{ name: '"k" & h', points }] });
    expect(lines).toContain('<polyline points="64,372 570,44"');
    expect(lines).toContain("a &lt; b");
    expect(lines).toContain("&quot;k&quot; &amp; h");
    const bar = (name: string, value: number) => ({ name, value, from: value, to: value });
    const bars = barPlot("t", "s", [{ name: "up", bars: [bar("x", 50), bar("y", 100)] }]);
    expect([...bars.matchAll(/<rect x="210" [^>]*width="([\d.]+)"/g)].map(([, width]) => width)).toEqual([
      "220",
      "440",
    ]);
  });
});

describe("report", () => {
  const collection = new Collection();
  const cost = (seconds: number) => ({ wallSeconds: seconds, cpuSeconds: seconds / 2, peakMebibytes: 100 });
  for (const seconds of [20, 22, 24]) collection.add("platform, builtin", "first up", 321, cost(seconds));
  for (const seconds of [10, 11, 12]) collection.add("kubectl", "first up", 321, cost(seconds));
  const growth = new Collection();
  for (const size of [300, 600, 1200]) growth.add("kubectl", "no-op up", size, cost(size / 10));
  const results: BenchResults = {
    machine: {
      processors: 2,
      model: "m",
      memoryGibibytes: 8,
      node: "20.19.0",
      system: "Linux 6",
      date: "2026-01-01",
      load: 0.1,
    },
    evaluation: [],
    comparison: collection.measured(),
    growth: growth.measured(),
    left: ["helm with 9 objects, first up: too\nbig"],
  };

  test("shows median, spread and the ratio to kubectl", () => {
    const text = reportText(results);
    expect(text).toMatch(/first up +platform, builtin +22 \(20–24\) +2\.00 +11 \(10–12\) +2\.00 +100 +3/);
    expect(text).toMatch(/first up +kubectl +11 \(10–12\) +1 /);
    expect(text).toMatch(/no-op up +kubectl +30 +60 +120 +1\.00 +100/);
    expect(text).toContain("Not measured:\n- helm");
  });

  test("its page has tables and the plots that are written beside it", () => {
    const page = reportMarkdown(results);
    expect(page).toContain("| first up | platform, builtin | 22 (20–24) | 2.00 |");
    const files = Object.keys(plots(results));
    expect(files).toEqual(["comparison.svg", "growth-no-op-up.svg"]);
    for (const file of files) expect(page).toContain(`(performance/${file})`);
    expect(page).toContain("- helm with 9 objects, first up: too big\n");
    expect(page).not.toContain("was busy");
    expect(reportMarkdown({ ...results, machine: { ...results.machine, load: 3 } })).toContain("was busy");
  });
});

test("an unknown part or kind of providers is refused before anything is measured", () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["cli/launch.mjs", "bench", ...args], { encoding: "utf8" }).stderr;
  expect(run("--only", "evaluaton")).toContain("--only takes evaluation, comparison, growth");
  expect(run("--runs", "0")).toContain("--runs takes a whole number from 1 to 99");
});
