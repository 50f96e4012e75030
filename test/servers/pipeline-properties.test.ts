import { kpaasSchemas } from "../../components/kpaas/database/schemas";
import { AccessRun, hostCluster, logins } from "../support/mariadb-access";
import { mariadbInstalled } from "../support/mariadb-server";
import { describeWith } from "../support/requirements";

/** The rows of the pipeline's Config-Server, on a real MariaDB. */
const describeIfInstalled = describeWith("mariadb-server of the operating system's packages", mariadbInstalled);

const row = { serviceInstance: "standalone", label: "main", application: "ui", profile: "prod" };

const schemasWith = (value: string) =>
  kpaasSchemas({
    hostCluster,
    ciServerUrl: "http://ci",
    pipelineProperties: [
      { ...row, key: "quoted", value: 'it\'s a \\ "value"' },
      { ...row, key: "changed", value },
    ],
  });

describeIfInstalled("the properties of the pipeline", () => {
  const run = new AccessRun();
  beforeAll(() => {
    run.server.initialize();
    return run.start();
  }, 60_000);
  afterAll(() => run.remove());

  test("are what the settings say, whatever they were, and the rows of others stay", async () => {
    const { server } = run;
    const { pipelineCommonApi } = logins;
    expect(await run.apply({ schemas: schemasWith("before") })).toMatchObject({ code: 0 });
    await server.query(
      "INSERT INTO properties VALUES ('another', 'main', 'ui', 'prod', 'own', 'row')",
      pipelineCommonApi,
    );
    expect(await run.apply({ schemas: schemasWith("after") })).toMatchObject({ code: 0 });
    expect(await server.query("SELECT `key`, value FROM properties ORDER BY `key`", pipelineCommonApi)).toEqual([
      "changed\tafter",
      "own\trow",
      'quoted\tit\'s a \\ "value"',
    ]);
  });
});
