import { problemsOf, settingsOf } from "./settings-support";

/** Everything that people write into `config.ini` by the settings, with a text in each place. */
const configured = (text: string) => {
  const login = { username: text, password: text };
  return {
    openchecker: {
      user: { name: text, password: text },
      sonarqube: { external: { host: "sonar.example.org", cidrs: ["192.0.2.1/32"], ...login, token: text } },
      chatbot: { baseUrl: "https://model.example.org/v1", apiKey: text, modelName: text },
      tokens: { github: text, gitee: text, gitcode: text },
      ohpm: { accessKey: text, secretKey: text },
    },
    rabbitmq: {
      external: { host: "mq.example.org", cidrs: ["192.0.2.2/32"], users: { main: login, worker: login } },
    },
  };
};

const secretKeys = ["openchecker", "rabbitmq"];

test.each([" text before", "text after ", "\u00a0from a web page"])(
  "a text that the configuration file of OpenChecker would lose white space of is refused: %j",
  (text) => {
    const problems = problemsOf(configured(text), { secretKeys });
    expect(problems.map(({ path }) => path).sort()).toEqual([
      "platform:openchecker.chatbot.apiKey",
      "platform:openchecker.chatbot.modelName",
      "platform:openchecker.ohpm.accessKey",
      "platform:openchecker.ohpm.secretKey",
      "platform:openchecker.sonarqube.external.password",
      "platform:openchecker.sonarqube.external.token",
      "platform:openchecker.sonarqube.external.username",
      "platform:openchecker.tokens.gitcode",
      "platform:openchecker.tokens.gitee",
      "platform:openchecker.tokens.github",
      "platform:openchecker.user.name",
      "platform:openchecker.user.password",
      "platform:rabbitmq.external.users.main.password",
      "platform:rabbitmq.external.users.main.username",
      "platform:rabbitmq.external.users.worker.password",
      "platform:rabbitmq.external.users.worker.username",
    ]);
    for (const problem of problems) {
      expect(problem.text).toContain("without white space at its start and end");
    }
  },
);

test("white space inside a text is kept", () => {
  const { openchecker } = settingsOf({ openchecker: { user: { name: "two words" } } });
  expect(openchecker.user.name).toBe("two words");
});

test("a compass proxy takes addresses of the family that its EndpointSlice holds", () => {
  const hosts = [{ host: "compass.example.org", tlsSecretName: "compass" }];
  const proxy = { addresses: ["2001:db8::1"], port: 80, ingressName: "compass", hosts };
  expect(problemsOf({ openchecker: { compassProxies: { proxies: { compass: proxy } } } })).toEqual([
    {
      path: "platform:openchecker.compassProxies.proxies.compass.addresses[0]",
      text: expect.stringContaining("an IPv4 address"),
    },
  ]);
});
