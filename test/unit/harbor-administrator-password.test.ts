import * as pulumi from "@pulumi/pulumi";
import { harborSecrets } from "../../components/registry/harbor-secrets";
import { recordProgram } from "../../stacks/render/recording-monitor";
import { UNKNOWN_SECRET } from "../../stacks/settings/secrets";
import { problemsOf, settingsOf } from "./settings-support";

/** The secrets of a Harbor, and what was generated for them. */
async function secretsWith(administratorPassword?: string) {
  let found: { password: string; secret: boolean } | undefined;
  const registrations = await recordProgram(
    async () => {
      const parent = new pulumi.ComponentResource("platform:test:Parent", "parent");
      const secrets = harborSecrets("harbor", parent, { protect: false, administratorPassword });
      const password = await new Promise<string>((resolve) => secrets.administratorPassword.apply(resolve));
      found = { password, secret: await pulumi.isSecret(secrets.administratorPassword) };
    },
    { project: "platform", stack: "test", configuration: {}, secretKeys: [] },
  );
  return { ...found, generated: registrations.some(({ name }) => name === "harbor-administrator-password") };
}

test("is generated unless the settings name it, and secret either way", async () => {
  expect(await secretsWith()).toMatchObject({ generated: true, secret: true });
  expect(await secretsWith("Set-In-Harbor-1")).toEqual({
    generated: false,
    secret: true,
    password: "Set-In-Harbor-1",
  });
});

test.each([
  ["seven characters", "Short-1"],
  ["129 characters", `Long-1${"x".repeat(123)}`],
  ["no upper case", "no-upper-case-1"],
  ["no lower case", "NO-LOWER-CASE-1"],
  ["no digit", "No-Digit-At-All"],
])("has to be one that Harbor would take, unlike one with %s", (_, administratorPassword) => {
  const problems = problemsOf({ harbor: { administratorPassword } }, { secretKeys: ["harbor"] });
  expect(problems.map(({ path }) => path)).toEqual(["platform:harbor.administratorPassword"]);
  expect(problems[0]?.text).toContain(
    "at least 8 characters, at most 128, with upper and lower case letters and digits",
  );
  expect(problems[0]?.text).not.toContain(administratorPassword);
});

test("may be encrypted where nobody can read it, as may any secret with a rule", () => {
  const configured = {
    harbor: { administratorPassword: UNKNOWN_SECRET },
    keycloak: { administratorPassword: UNKNOWN_SECRET },
  };
  expect(() => settingsOf(configured, { secretKeys: ["harbor", "keycloak"] })).not.toThrow();
});
