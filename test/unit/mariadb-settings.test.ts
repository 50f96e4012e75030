import { mariadbWarnings } from "../../stacks/settings/mariadb-warnings";
import { testAuthority } from "../support/test-certificates";
import { errorOf, settingsOf, withoutKpaas } from "./settings-support";

const kpaas = { enabled: true, profile: "v1.6.0", domain: "platform.example.org" };
const server = { host: "db.example.org", cidrs: ["10.1.2.0/24"] };
const login = { username: "somebody", password: "a secret" };
const all = { commonApi: login, keycloak: login, metricApi: login };

const configured = (external: object, portal: object = {}) => ({
  kpaas: { ...kpaas, portal },
  pipeline: { enabled: false },
  sourceControl: { enabled: false },
  mariadb: { external: { ...server, ...external } },
});
const options = { secretKeys: ["mariadb"] };

/** What the report says about the section. */
const reasons = (external: object, portal: object = {}) =>
  errorOf(configured(external, portal), options)
    .problems.filter(({ paths }) => paths.some(([section]) => section === "mariadb"))
    .map(({ reason, paths }) => `${paths.map((path) => path.slice(2).join(".")).join(" ")}: ${reason}`);

test("an external server has an administrator or logins", () => {
  const expected = [expect.stringMatching(/^administrator logins: Either the platform makes the logins/)];
  expect(reasons({})).toEqual(expected);
  expect(reasons({ administrator: login, logins: all })).toEqual(expected);
});

test("every application of the stack needs a login at an external server", () => {
  expect(reasons({ logins: { commonApi: login } })).toEqual([
    "logins.keycloak logins.metricApi: Every application of the stack needs a login.",
  ]);
  expect(settingsOf(configured({ logins: all }), options).mariadb.external?.logins).toHaveProperty("metricApi");
  expect(reasons({ logins: all }, { terraman: { enabled: true } })).toEqual(
    expect.arrayContaining(["logins.terraman: Every application of the stack needs a login."]),
  );
});

test("an authority that nobody looks at is refused, and one that nobody can read", async () => {
  const { certificate: authority } = await testAuthority("db");
  expect(reasons({ logins: all, certificateAuthority: authority })).toEqual([
    expect.stringMatching(/^certificateAuthority logins: Only the administrator's connection/),
  ]);
  expect(
    settingsOf(configured({ administrator: login, certificateAuthority: authority }), options).mariadb.external,
  ).toHaveProperty("administrator");
  expect(
    errorOf(
      configured({ administrator: login, certificateAuthority: "-----BEGIN CERTIFICATE-----\nx" }),
      options,
    ).problems.map(({ paths: [path] }) => path?.join(".")),
  ).toEqual(["mariadb.external.certificateAuthority"]);
});

test("nothing is asked of a stack without K-PaaS", () => {
  const without = {
    ...withoutKpaas,
    harbor: { oidc: { enabled: false } },
  };
  expect(settingsOf({ ...without, mariadb: { external: server } }).mariadb.external).toMatchObject(server);
});

test("a database that is open on every node is worth a warning, where there is one", () => {
  const settings = settingsOf({ kpaas, mariadb: { nodePort: 31306 } }, options);
  expect(mariadbWarnings(settings)).toEqual([expect.stringContaining("platform:mariadb.nodePort")]);
  expect(mariadbWarnings({ ...settings, kpaas: { ...settings.kpaas, enabled: false } })).toEqual([]);
  const external = { ...server, logins: all };
  expect(mariadbWarnings(settingsOf({ ...configured({}), mariadb: { nodePort: 31306, external } }, options))).toEqual(
    [],
  );
  expect(mariadbWarnings(settingsOf({ kpaas }, options))).toEqual([]);
});
