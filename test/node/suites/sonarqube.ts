import { type SonarConsumer, TOKEN_KEY } from "../../../components/inspection/sonarqube-desired-state";
import { runCronJob } from "../cron-job";
import { throughPort } from "../port-forward";
import type { RealPlatform } from "../real-platform";

/** User name and password; a token is a user name with an empty password. */
type Login = readonly [string, string];

interface Pod {
  readonly metadata: { readonly name: string };
}

/** The server, who is let in, and that the tokens of its consumers are good for their work only. */
export function sonarqubeTests(current: () => RealPlatform): void {
  /** Calls the web API. */
  type Call = (method: "GET" | "POST", path: string, login?: Login) => Promise<Response>;

  const onServer = async <Result>(use: (call: Call) => Promise<Result>) => {
    // A test pod in the server's place has its label `app`, and no template.
    const selector = "--selector=app=sonarqube,pod-template-hash";
    const [pod] = await current().objects<Pod>("pods", "--namespace=sonarqube", selector);
    return throughPort(current(), { namespace: "sonarqube", pod: pod?.metadata.name ?? "", port: 9000 }, (url) =>
      use((method, path, login) =>
        fetch(`${url}/api/${path}`, {
          method,
          headers:
            login === undefined ? {} : { authorization: `Basic ${Buffer.from(login.join(":")).toString("base64")}` },
        }),
      ),
    );
  };

  const statusOf = (method: "GET" | "POST", path: string, login?: Login) =>
    onServer(async (call) => (await call(method, path, login)).status);

  const accepts = (login: Login) =>
    onServer(
      async (call) =>
        ((await (await call("GET", "authentication/validate", login)).json()) as { valid: boolean }).valid,
    );

  const administrator = async (): Promise<Login> => {
    const { administrator: password = "" } = await current().secret("sonarqube", "sonarqube-bootstrap");
    return ["admin", password];
  };

  const consumers = async () => {
    const { data } = await current().object<{ data: Record<string, string> }>(
      "sonarqube",
      "configmap",
      "sonarqube-bootstrap",
    );
    return (JSON.parse(data["desired-state.json"] ?? "{}") as { consumers: SonarConsumer[] }).consumers;
  };

  const tokenOf = async ({ secret }: SonarConsumer): Promise<string> =>
    (await current().secret(secret.namespace, secret.name))[TOKEN_KEY] ?? "";

  test("it is up, and shows nothing to strangers", async () => {
    await onServer(async (call) => {
      expect(await (await call("GET", "system/status")).json()).toMatchObject({ status: "UP" });
      expect((await call("GET", "components/search?qualifiers=TRK")).status).toBe(401);
    });
  });

  test("the administrator has the password of the Secret, and the first one no longer", async () => {
    expect(await accepts(await administrator())).toBe(true);
    expect(await accepts(["admin", "admin"])).toBe(false);
    expect(await statusOf("GET", "system/info", await administrator())).toBe(200);
  });

  test("OpenChecker and the pipeline have tokens that are good for analyses, and administer nothing", async () => {
    const all = await consumers();
    expect(all.map(({ username }) => username).sort()).toEqual(["openchecker", "pipeline"]);
    for (const consumer of all) {
      const token: Login = [await tokenOf(consumer), ""];
      expect(await accepts(token)).toBe(true);
      const project = `node-test-${consumer.username}`;
      try {
        expect(await statusOf("POST", `projects/create?project=${project}&name=${project}`, token)).toBe(200);
        // What a scanner asks first.
        expect(await statusOf("GET", `settings/values?component=${project}`, token)).toBe(200);
        for (const [method, path] of [
          ["POST", `projects/delete?project=${project}`],
          ["GET", "system/info"],
          ["POST", "settings/set?key=sonar.forceAuthentication&value=false"],
          ["POST", `permissions/add_user?login=${consumer.username}&permission=admin`],
          ["POST", "users/create?login=intruder&name=intruder&password=Password-of-an-1ntruder"],
        ] as const) {
          expect([path, await statusOf(method, path, token)]).toEqual([path, 403]);
        }
      } finally {
        await statusOf("POST", `projects/delete?project=${project}`, await administrator());
      }
    }
    const [first = ""] = await Promise.all(all.map(tokenOf));
    expect(await accepts([first.replace(/.$/, (last) => (last === "0" ? "1" : "0")), ""])).toBe(false);
  });

  test("another run of the bootstrap changes nothing", async () => {
    const tokens = async () => Promise.all((await consumers()).map(tokenOf));
    const before = await tokens();
    expect(await runCronJob(current(), "sonarqube", "sonarqube-bootstrap")).toBe("SonarQube is as it should be");
    expect(await tokens()).toEqual(before);
  });
}
