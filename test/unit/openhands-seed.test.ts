import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testWith } from "../support/requirements";

/** The script that writes the language model into the application's settings, on a real directory. */
const SCRIPT = join(__dirname, "../../components/openhands/scripts/seed_settings.py");

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const whenPython = testWith("python3", hasPython);

const KEY = "sk-very-secret-1234567890";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "platform-seed-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function seed(model: Readonly<Record<string, string>> = {}): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync("python3", ["-B", SCRIPT], {
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      STATE_DIRECTORY: directory,
      DEFAULT_AGENT: "CodeActAgent",
      LLM_MODEL: "openai/qwen2.5-72b",
      LLM_API_KEY: KEY,
      ...model,
    },
  });
  expect(stdout + stderr).not.toContain(KEY);
  return { code: status, output: stdout + stderr };
}

const file = () => join(directory, "settings.json");
const settings = () => JSON.parse(readFileSync(file(), "utf8")) as Record<string, unknown>;

whenPython("makes the settings of a new installation", () => {
  expect(seed({ LLM_BASE_URL: "https://llm.example.org/v1" })).toMatchObject({ code: 0 });
  expect(settings()).toEqual({
    language: "en",
    agent: "CodeActAgent",
    user_consents_to_analytics: false,
    llm_model: "openai/qwen2.5-72b",
    llm_api_key: KEY,
    llm_base_url: "https://llm.example.org/v1",
  });
  expect(statSync(file()).mode & 0o007).toBe(0);
  expect(readdirSync(directory).sort()).toEqual([".platform-language-model", "settings.json"]);
});

whenPython("leaves alone what people have changed since", () => {
  seed();
  const changed = { ...settings(), language: "ko", llm_model: "anthropic/claude", llm_api_key: "own" };
  writeFileSync(file(), JSON.stringify(changed));
  expect(seed()).toEqual({ code: 0, output: expect.stringContaining("nothing is changed") });
  expect(settings()).toEqual(changed);
});

whenPython("brings a new key and model in, and keeps everything else", () => {
  seed({ LLM_BASE_URL: "https://old.example.org" });
  writeFileSync(file(), JSON.stringify({ ...settings(), language: "ko", git_user_name: "agent" }));
  expect(seed({ LLM_MODEL: "openai/new" })).toMatchObject({ code: 0 });
  expect(settings()).toMatchObject({
    language: "ko",
    git_user_name: "agent",
    llm_model: "openai/new",
    llm_api_key: KEY,
    llm_base_url: null,
  });
});

whenPython("takes over an installation that it did not make", () => {
  writeFileSync(file(), JSON.stringify({ language: "de" }));
  expect(seed()).toMatchObject({ code: 0 });
  expect(settings()).toMatchObject({ language: "de", llm_api_key: KEY });
});

whenPython("finishes what was interrupted", () => {
  seed();
  rmSync(join(directory, ".platform-language-model"));
  writeFileSync(join(directory, "settings.json.new"), "{");
  expect(seed()).toMatchObject({ code: 0 });
  expect(settings()).toMatchObject({ llm_api_key: KEY });
  expect(readdirSync(directory)).not.toContain("settings.json.new");
});

whenPython("touches no file that it does not understand", () => {
  for (const text of [`{"llm_api_key": "${KEY}"`, "[]"]) {
    writeFileSync(file(), text);
    expect(seed()).toMatchObject({ code: 2, output: expect.stringMatching(/cannot be read: it is not (a )?JSON/) });
    expect(readFileSync(file(), "utf8")).toBe(text);
  }
});

whenPython("says what is wrong when it cannot write", () => {
  expect(seed({ STATE_DIRECTORY: join(directory, "missing") })).toEqual({
    code: 1,
    output: expect.stringContaining("The state cannot be written"),
  });
});
