import { handleInterrupts } from "../../sandbox/engine/interrupt";

function interrupts() {
  let time = 0;
  const done: string[] = [];
  const before = process.listenerCount("SIGINT");
  const handler = handleInterrupts(
    { finish: () => done.push("finish"), stop: () => done.push("stop"), kill: () => done.push("kill") },
    () => time,
  );
  const press = (at: number, signal: NodeJS.Signals = "SIGINT") => {
    time = at;
    process.emit(signal);
  };
  return { handler, done, press, before };
}

test("the first Ctrl-C lets running operations finish, the second stops, the third kills", () => {
  const { handler, done, press } = interrupts();
  expect(handler.interrupted()).toBe(false);
  for (const at of [0, 2000, 4000, 6000]) press(at);
  handler.dispose();
  expect(handler.interrupted()).toBe(true);
  expect(done).toEqual(["finish", "stop", "kill", "kill"]);
});

test("one key press that arrives several times (terminal, npm) counts once", () => {
  const { handler, done, press } = interrupts();
  for (const at of [0, 5, 20]) press(at);
  handler.dispose();
  expect(done).toEqual(["finish"]);
});

test("a request to terminate is treated the same, and afterwards Ctrl-C ends the process as usual", () => {
  const { handler, done, press, before } = interrupts();
  press(0, "SIGTERM");
  handler.dispose();
  expect(done).toEqual(["finish"]);
  expect(process.listenerCount("SIGINT")).toBe(before);
});
