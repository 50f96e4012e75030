import { compareRenders } from "../../stacks/diff/changes";
import { COMMENT_LIMIT, diffMarkdown } from "../../stacks/diff/markdown";

const claim =
  "kind: PersistentVolumeClaim\nspec:\n  resources:\n    requests:\n      storage: 10Gi\n  storageClassName: fast\n";
const server = "kind: Deployment\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: a\n";

test("added, changed and removed objects are told apart, what costs data comes first", () => {
  const changes = compareRenders(
    { "a/persistentvolumeclaim-data.yaml": claim, "a/deployment-server.yaml": server },
    {
      "a/deployment-server.yaml": server.replace("replicas: 2", "replicas: 3"),
      "a/service-new.yaml": "kind: Service\n",
    },
  );
  expect(changes.map(({ action, object, danger }) => [action, object, danger])).toEqual([
    ["remove", "a/persistentvolumeclaim-data", "removes an object that holds data"],
    ["change", "a/deployment-server", undefined],
    ["add", "a/service-new", undefined],
  ]);
  expect(changes[1]?.lines).toEqual(expect.arrayContaining(["-  replicas: 2", "+  replicas: 3"]));
});

test.each([
  ["deployment-server", server, server.replace("app: a", "app: b"), "changes selector"],
  ["persistentvolumeclaim-data", claim, claim.replace("fast", "slow"), "changes storageClassName"],
  ["persistentvolumeclaim-data", claim, claim.replace("10Gi", "20Gi"), undefined],
])("a change of %s that Kubernetes cannot make in place is called out", (file, before, after, danger) => {
  const [change] = compareRenders({ [`a/${file}.yaml`]: before }, { [`a/${file}.yaml`]: after });
  expect(change?.danger ?? "").toMatch(danger ?? /^$/);
});

test("the comment fits, says what it leaves out, and cannot be broken out of", () => {
  const huge = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`a/service-${index}.yaml`, `kind: Service\n${"x".repeat(50)}\n`]),
  );
  const text = diffMarkdown({ dev: compareRenders({}, { ...huge, "a/a.yaml": "```\n</details>\n" }), prod: [] });
  expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
  expect(text).toMatch(/… and \d+ more objects/);
  expect(text).toContain("| dev | 3001 | 0 | 0 |");
  expect(text).toContain("````diff\n+```");
});
