import { parse } from "yaml";
import { withRealNodeSettings } from "../../sandbox/engine/real-node-settings";

const images = [
  { name: "postgres", title: "PostgreSQL 15", tag: "15" },
  { name: "rabbitmq", title: "RabbitMQ 3.10", tag: "3.10" },
] as const;

const PORT = 22_000;
const overridden = (text: string) => withRealNodeSettings("Pulumi.dev.yaml", text, { images, apiServerPort: PORT });
const own = {
  postgres: { repository: "sandbox.invalid/platform/postgres", tag: "15" },
  rabbitmq: { repository: "sandbox.invalid/platform/rabbitmq", tag: "3.10" },
};

test("images are overridden, and everything else of the file stays, comments and secrets included", () => {
  const secret = "v1:".padEnd(200, "x");
  const text = [
    "# The stack.",
    "config:",
    "  platform:preset: dev # small",
    '  platform:version: "3.10"',
    "  platform:token:",
    `    secure: ${secret}`,
    "encryptionsalt: v1:abc",
    "",
  ].join("\n");
  const { text: copy, hindrance } = overridden(text);
  expect(hindrance).toBeUndefined();
  for (const line of text.trimEnd().split("\n")) expect(copy).toContain(`${line}\n`);
  expect(parse(copy)).toEqual({
    ...parse(text),
    config: {
      ...parse(text).config,
      "platform:images": { overrides: own },
      "platform:cluster": { apiServer: { ports: [443, 6443, PORT] } },
    },
  });
});

test("tags that look like numbers stay text: 3.10 is not 3.1", () => {
  expect(overridden("config: {}\n").text).toMatch(/tag: "3\.10"/);
});

test("what the stack file says of an image wins, and its other settings of images stay", () => {
  const mine = { repository: "ghcr.io/example/postgres", tag: "17" };
  const text = `config:\n  platform:images:\n    pullSecrets: [login]\n    overrides:\n      postgres: ${JSON.stringify(mine)}\n`;
  expect(parse(overridden(text).text).config["platform:images"]).toEqual({
    pullSecrets: ["login"],
    overrides: { postgres: mine, rabbitmq: own.rabbitmq },
  });
});

test.each(["", "config:\n", "config:\n  platform:images:\n", "config: { platform:images: { overrides: } }\n"])(
  "a file that says nothing yet gets all images: %j",
  (text) => {
    expect(parse(overridden(text).text).config["platform:images"].overrides).toEqual(own);
  },
);

test("the key without the project's name is the same setting", () => {
  const text = "config:\n  images: { pullSecrets: [login] }\n";
  expect(parse(overridden(text).text).config).toMatchObject({
    images: { pullSecrets: ["login"], overrides: own },
  });
});

test("pods may talk to the API server at its port, and what the stack file says of the cluster stays", () => {
  const text = "config:\n  platform:cluster: { context: mine, apiServer: { cidrs: [10.0.0.0/8] } }\n";
  expect(parse(overridden(text).text).config["platform:cluster"]).toEqual({
    context: "mine",
    apiServer: { cidrs: ["10.0.0.0/8"], ports: [443, 6443, PORT] },
  });
});

test.each(["config:\n  cluster: { apiServer: { ports: [7443] } }\n", "config:\n  cluster: { secure: v1:abc }\n"])(
  "ports that the stack file states, or may state in secret, stay: %j",
  (text) => {
    const { config } = parse(overridden(text).text);
    expect(config.cluster).toEqual(parse(text).config.cluster);
    expect(config["platform:cluster"]).toBeUndefined();
  },
);

test.each([
  ["config:\n  platform:images: { registry: mirror.example.org }\n", /images\.registry sends .* mirror\.example\.org/],
  ["config:\n  platform:images: { pullPolicy: Always }\n", /pullPolicy is Always/],
  ["config:\n  platform:images: { secure: v1:abc }\n", /not a plain YAML object/],
  [`config:\n  platform:images: '{"overrides":{}}'\n`, /not a plain YAML object/],
  ["config:\n  platform:images: { overrides: [postgres] }\n", /overrides is not a plain YAML object/],
  ["config: []\n", /`config` is not an object/],
])("a file in which they would not work stays as it is, and the user is told: %j", (text, reason) => {
  const result = overridden(text);
  expect(result.text).toBe(text);
  expect(result.hindrance).toMatch(reason);
  expect(result.hindrance).toMatch(/^Pulumi\.dev\.yaml: .*all stay simulated/);
});

test("where the vendors' images are pulled the stack keeps its own, and is told of a registry that the node does not know", () => {
  const vendor = (text: string) => withRealNodeSettings("Pulumi.dev.yaml", text, { images: [], apiServerPort: PORT });
  const { text, hindrance } = vendor("config:\n  platform:preset: dev\n");
  expect(hindrance).toBeUndefined();
  expect(parse(text).config).toEqual({
    "platform:preset": "dev",
    "platform:cluster": { apiServer: { ports: [443, 6443, PORT] } },
  });
  const mirrored = "config:\n  platform:images: { registry: mirror.example.org }\n";
  expect(vendor(mirrored)).toEqual({
    text: mirrored,
    hindrance: expect.stringMatching(/mirror\.example\.org, and the real node runs those of the vendors' own/),
  });
});
