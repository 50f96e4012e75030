import { PassThrough } from "node:stream";
import { confirm, type StackRun } from "../../cli/shared/confirmation";
import { reportFailure } from "../../cli/shared/stack-run";
import { askOn, QuestionLeft } from "../../cli/shared/terminal-question";
import type { RunOptions } from "../../sandbox/engine/run";
import type { Target } from "../../sandbox/engine/target";

const cluster: Target = { kind: "cluster", kubeconfig: "k", context: "production", server: "https://prod:6443" };
const choice = { stack: "prod", kubeconfig: "k", context: "production", providers: "auto" } as const;

/** Confirms with these answers; "^C" leaves the question. */
async function confirmed(run: Partial<StackRun>, answers: string[], target = cluster) {
  const asked: string[] = [];
  const previews: RunOptions[] = [];
  const asker = {
    available: true,
    ask: async (question: string) => {
      asked.push(question);
      const answer = answers.shift() ?? "";
      if (answer === "^C") throw new QuestionLeft("left");
      return answer;
    },
  };
  const outcome = await confirm({ operation: "up", choice, options: {}, ...run }, target, asker, async (options) => {
    previews.push(options);
  }).then(
    (options) => ({ options }),
    (error: Error) => ({ error }),
  );
  return { asked, previews, ...outcome };
}

test("up shows its changes and wants the name of the stack", async () => {
  expect(await confirmed({ options: { parallel: 4, expectNoChanges: true } }, ["prod"])).toEqual({
    asked: [expect.stringContaining("Make these changes to stack prod on production (https://prod:6443)?")],
    previews: [{ parallel: 4 }],
    options: { parallel: 4, expectNoChanges: true },
  });
});

test("any other answer changes nothing", async () => {
  const { error } = (await confirmed({}, ["yes"])) as { error?: Error };
  expect(error?.message).toBe("Not confirmed, nothing was changed.");
});

describe("--recover", () => {
  const options = { recover: true };

  test("asks before it touches the lock: without the user's word not even the preview runs", async () => {
    for (const answer of ["no", "^C"]) {
      const { asked, previews, ...outcome } = await confirmed({ options }, [answer]);
      expect(asked).toEqual([expect.stringContaining("Remove the lock of stack prod")]);
      expect(previews).toEqual([]);
      expect(outcome).toMatchObject({ error: { message: "Not confirmed, nothing was changed." } });
    }
  });

  test("repairs once: with the preview of up, and not again with up itself", async () => {
    expect(await confirmed({ options }, ["prod", "prod"])).toMatchObject({
      previews: [{ recover: true }],
      options: {},
    });
    expect(await confirmed({ options }, ["prod", "no"])).toMatchObject({
      error: { message: "Not confirmed. Only the state was repaired." },
    });
  });

  test("asks for a preview as well, and repairs with the operation where there is no preview", async () => {
    expect(await confirmed({ operation: "preview", options }, ["prod"])).toMatchObject({ options });
    const destroyed = await confirmed({ operation: "destroy", options }, ["prod", "prod"]);
    expect(destroyed).toMatchObject({ previews: [], options });
    expect(destroyed.asked).toHaveLength(2);
  });
});

test.each([
  ["destroy", {}, "DELETE everything of stack prod"],
  ["destroy", { targets: ["urn:a", "urn:b"] }, "DELETE urn:a, urn:b of stack prod"],
  ["refresh", {}, "into the state of stack prod"],
  ["import", { import: [{ type: "t", name: "n", id: "shop/web" }] }, "Take shop/web into the state of stack prod"],
] as const)("%s %j says what it is about to do", async (operation, options, words) => {
  const { asked } = await confirmed({ operation, options }, ["prod"]);
  expect(asked).toEqual([expect.stringContaining(words)]);
});

test("nothing is asked of a preview, with --yes, and on the embedded cluster", async () => {
  const options = { recover: true };
  expect(await confirmed({ operation: "preview" }, [])).toMatchObject({ asked: [], options: {} });
  expect(await confirmed({ yes: true, options }, [])).toMatchObject({ asked: [], previews: [], options });
  expect(await confirmed({ options }, [], { ...cluster, kind: "sandbox" })).toMatchObject({ asked: [], options });
});

test("without a terminal it says how to go on, before anything runs", async () => {
  const asker = { available: false, ask: () => Promise.reject(new Error("asked")) };
  const showChanges = jest.fn();
  const run: StackRun = { operation: "up", choice, options: {} };
  await expect(confirm(run, cluster, asker, showChanges)).rejects.toThrow(/Add --yes.*Nothing has been touched/);
  expect(showChanges).not.toHaveBeenCalled();
});

describe("a question on the terminal", () => {
  const answered = (typed: string, isTerminal = true) => {
    const input = new PassThrough();
    const output = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 80 });
    const answer = askOn(input, output, "Sure? ");
    input.end(typed);
    return answer;
  };

  test("takes the line", async () => {
    expect(await answered(" prod \n")).toBe("prod");
    expect(await answered("prod\n", false)).toBe("prod");
  });

  test.each([
    ["Ctrl-C", "\u0003", true],
    ["Ctrl-D", "\u0004", true],
    ["the end of the input", "", false],
  ])("can be left with %s", async (_, typed, isTerminal) => {
    await expect(answered(typed, isTerminal)).rejects.toThrow(QuestionLeft);
  });

  test("leaving it is the exit code of an interrupted command, not a defect", async () => {
    const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    const code = await reportFailure(() => Promise.reject(new QuestionLeft("Not confirmed, nothing was changed.")));
    expect(write.mock.calls.flat().join("")).toContain("Not confirmed, nothing was changed.");
    write.mockRestore();
    expect(code).toBe(130);
  });
});
