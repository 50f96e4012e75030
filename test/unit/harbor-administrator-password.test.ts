import * as pulumi from "@pulumi/pulumi";
import { harborSecrets } from "../../components/registry/harbor-secrets";
import { recordProgram } from "../../stacks/render/recording-monitor";
import { problemsOf } from "./settings-support";

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

test("has to be one that Harbor would take", () => {
  const harbor = { administratorPassword: "Short-1" };
  const [problem] = problemsOf({ harbor }, { secretKeys: ["harbor"] });
  expect(problem?.path).toBe("platform:harbor.administratorPassword");
  expect(problem?.text).toContain("at least 8 characters");
  expect(problem?.text).not.toContain("Short-1");
});
