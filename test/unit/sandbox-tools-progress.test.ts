import { formatElapsed, terminalProgress } from "../../sandbox/progress";

function screen(isTTY: boolean) {
  let text = "";
  let time = 0;
  const stream = { isTTY, columns: 60, write: (more: string) => (text += more) };
  const progress = terminalProgress(stream, () => time);
  return {
    progress,
    pass: (milliseconds: number) => {
      time += milliseconds;
      progress.refresh();
    },
    text: () => text,
    lines: () => text.trimEnd().split("\n"),
  };
}

test("without a terminal, a running step is written at most every 15 seconds", () => {
  const { progress, pass, lines } = screen(false);
  progress.step("downloading, 1 MB");
  for (let megabytes = 2; megabytes <= 40; megabytes++) {
    progress.step(`downloading, ${megabytes} MB`);
    pass(1000);
  }
  progress.done("downloaded");
  expect(lines()).toEqual([
    "… downloading, 1 MB",
    "… downloading, 16 MB (15s)",
    "… downloading, 31 MB (30s)",
    "✓ downloaded (39s)",
  ]);
});

test("without a terminal, the step after a finished one is written at once", () => {
  const { progress, lines } = screen(false);
  progress.step("first");
  progress.done("first is done");
  progress.step("second");
  progress.warn("careful");
  progress.done("second is done");
  expect(lines()).toEqual(["… first", "✓ first is done", "… second", "! careful", "✓ second is done"]);
});

test("on a terminal, one line shows the elapsed time and is replaced by the result", () => {
  const { progress, pass, text } = screen(true);
  progress.step("building");
  pass(65_000);
  expect(text()).toMatch(/building \(1m 05s\)$/);
  expect(text()).not.toContain("\n");
  progress.done("built");
  expect(text().endsWith("\r\u001b[2K✓ built (1m 05s)\n")).toBe(true);
});

test("on a terminal, a long text is cut so that the line can be redrawn", () => {
  const { progress, text } = screen(true);
  progress.step("x".repeat(200));
  expect(text().replace("\r\u001b[2K", "").length).toBeLessThanOrEqual(60);
});

test.each([
  [0, "0s"],
  [59_999, "59s"],
  [60_000, "1m 00s"],
  [754_000, "12m 34s"],
])("%d ms are %s", (milliseconds, text) => {
  expect(formatElapsed(milliseconds)).toBe(text);
});
