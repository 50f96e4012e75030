import { diff } from "../../cli/diff";
import { docs } from "../../cli/docs";
import { graph } from "../../cli/graph";
import { render } from "../../cli/render";
import { settings } from "../../cli/settings";
import { status } from "../../cli/status";
import { up } from "../../cli/up";
import { UserError } from "../../sandbox/user-error";

test.each([
  ["diff", diff],
  ["docs", docs],
  ["graph", graph],
  ["render", render],
  ["settings", settings],
  ["status", status],
  ["up", up],
])("a mistyped option of %s is answered with the help of the command", async (_, command) => {
  const problem = await command(["--stak", "prod"]).catch((error: Error) => error);
  expect(problem).toBeInstanceOf(UserError);
  expect(problem).toMatchObject({ message: expect.stringMatching(/^Unknown option '--stak'\.\n\n.*npm run/) });
});
