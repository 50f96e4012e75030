import { problemsOf, settingsOf } from "./settings-support";

const cidrs = ["10.9.0.0/16"];
const login = { username: "user", password: "Passw0rd1" };
const outside = "192.0.2.1";

type Case = [title: string, configured: Record<string, object>, paths: string];

const external = (more: object) => ({ external: { cidrs, ...more } });

const cases: Case[] = [
  [
    "the broker",
    { rabbitmq: external({ host: outside, users: { main: login, worker: login } }) },
    "rabbitmq.external.host + platform:rabbitmq.external.cidrs",
  ],
  [
    "SonarQube's database",
    { sonarqube: { database: external({ host: outside, password: "x" }) } },
    "sonarqube.database.external.host + platform:sonarqube.database.external.cidrs",
  ],
  [
    "KubeKloud's database",
    { kubekloud: { database: external({ host: outside, password: "x", sslmode: "require" }) } },
    "kubekloud.database.external.host + platform:kubekloud.database.external.cidrs",
  ],
  [
    "MariaDB",
    { mariadb: external({ host: outside, administrator: login }) },
    "mariadb.external.host + platform:mariadb.external.cidrs",
  ],
  [
    "Harbor's database",
    { harbor: { database: external({ host: outside, ...login }) } },
    "harbor.database.external.host + platform:harbor.database.external.cidrs",
  ],
  [
    "Harbor's Redis at another port",
    { harbor: { redis: external({ host: "10.9.0.1", port: 6380, ports: [6379] }) } },
    "harbor.redis.external.host + platform:harbor.redis.external.ports",
  ],
  [
    "a sentinel at its usual port",
    {
      harbor: { redis: external({ host: "10.9.0.1", sentinel: { addresses: ["10.9.0.1:26379"], masterSet: "m" } }) },
    },
    "harbor.redis.external.sentinel.addresses[0] + platform:harbor.redis.external.ports",
  ],
  [
    "Harbor's object store",
    {
      harbor: {
        storage: { s3: { bucket: "images", endpoint: `http://${outside}`, accessKey: "a", secretKey: "b", cidrs } },
      },
    },
    "harbor.storage.s3.endpoint + platform:harbor.storage.s3.cidrs",
  ],
  [
    "a proxy whose port is not open",
    { harbor: { proxy: { http: "http://10.9.0.1:3128", cidrs, ports: [8080] } } },
    "harbor.proxy.http + platform:harbor.proxy.ports",
  ],
  [
    "a seal whose server is elsewhere",
    {
      vault: {
        seal: {
          type: "transit",
          parameters: { address: `https://${outside}:8200`, key_name: "k", mount_path: "transit/" },
          credentials: { VAULT_TOKEN: "token" },
          server: { cidrs, ports: [8200] },
        },
      },
    },
    "vault.seal.parameters.address + platform:vault.seal.server.cidrs",
  ],
  [
    "a chart repository",
    { chartmuseum: external({ url: `https://${outside}` }) },
    "chartmuseum.external.url + platform:chartmuseum.external.cidrs",
  ],
  [
    "a mirror of Jenkins's plugins",
    { pipeline: { jenkins: { plugins: { from: "updateSite", url: "https://mirror.example.org:8443" } } } },
    "pipeline.jenkins.plugins.url + platform:pipeline.jenkins.plugins.ports",
  ],
  [
    "a language model in a range that stays closed",
    { openhands: { languageModel: { model: "openai/x", url: "http://10.9.0.1:8000", apiKey: "k" } } },
    "openhands.languageModel.url + platform:openhands.languageModel.cidrs",
  ],
  [
    "the same for the checks of documents",
    { openchecker: { chatbot: { baseUrl: "http://10.9.0.1:8000", modelName: "x", apiKey: "k" } } },
    "openchecker.chatbot.baseUrl + platform:openchecker.chatbot.cidrs",
  ],
  [
    "the API server as the portal is told",
    {
      cluster: { apiServer: { cidrs } },
      kpaas: { hostCluster: { apiUrl: `https://${outside}:6443` } },
    },
    "kpaas.hostCluster.apiUrl + platform:cluster.apiServer.cidrs",
  ],
];

test.each(cases)("%s that the network policies would cut off is refused", (_, configured, paths) => {
  const problems = problemsOf(configured, { stack: "dev", secretKeys: Object.keys(configured) });

  expect(problems.map(({ path }) => path)).toEqual([`platform:${paths}`]);
  expect(problems[0]?.text).toContain("the network policies would let nobody get there");
});

test.each(["localhost", "127.0.0.1", "::1", "0.0.0.0"])("%s is no server for pods", (host) => {
  const configured = { rabbitmq: external({ host, users: { main: login, worker: login } }) };
  const [problem] = problemsOf(configured, { stack: "dev", secretKeys: ["rabbitmq"] });

  expect(problem?.path).toBe("platform:rabbitmq.external.host");
  expect(problem?.text).toContain("every pod finds itself");
});

test("an empty list of ports, which would open them all, is refused", () => {
  const redis = external({ host: "10.9.0.1", ports: [] });
  expect(problemsOf({ harbor: { redis } }, { stack: "dev", secretKeys: ["harbor"] })[0]?.path).toBe(
    "platform:harbor.redis.external.ports",
  );
});

test("a server that is open is accepted, and one with a name", () => {
  for (const host of ["10.9.0.1", "db.example.org"]) {
    const mariadb = external({ host, administrator: login });
    expect(() => settingsOf({ mariadb }, { stack: "dev", secretKeys: ["mariadb"] })).not.toThrow();
  }
});
