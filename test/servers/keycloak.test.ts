import { realmDocument } from "../../components/identity/keycloak-realm-document";
import { portalClient, realmFacts, realmOptions } from "../support/example-realm";
import { KeycloakBrowser } from "../support/keycloak-browser";
import { FIRST_PASSWORD, missingForKeycloak, PlatformKeycloak } from "../support/keycloak-platform";
import { RelyingParty } from "../support/relying-party";
import { testWith } from "../support/requirements";

const missing = missingForKeycloak(["25.0.4", "26.0.7"]);
const whenThere = testWith(missing.join(", "), missing.length === 0);

const portal = { ...portalClient, secret: "secret-of-the-portal-1" };
const harbor = {
  clientId: "harbor",
  displayName: "Harbor",
  redirectUris: ["https://harbor.example.org/c/oidc/callback"],
  webOrigins: [],
  optionalScopes: ["offline_access"],
  secret: "secret-of-harbor-1",
};
const clients = [portal, harbor];
const LANDING = "https://portal.example.org/login";
const CHOSEN_PASSWORD = "password-that-a-person-chose";
const REALM = "/cp-realm";
const UNCHANGED = { code: 0, output: "done\n" };
const ROLES = expect.arrayContaining([realmFacts.administratorRole]);

interface Named {
  readonly id: string;
  readonly name: string;
}

let platform: PlatformKeycloak;
let website: RelyingParty;

beforeAll(async () => {
  platform = new PlatformKeycloak();
  if (missing.length === 0) {
    await platform.prepare();
  }
});

afterAll(() => platform.remove());

/** Starts a version on what the one before has left. */
async function begin(...version: Parameters<PlatformKeycloak["begin"]>): Promise<void> {
  await platform.begin(...version);
  website = new RelyingParty(platform.server.url, portal, LANDING);
}

async function only<Found>(path: string): Promise<Found> {
  const [found] = await platform.server.shown<Found[]>(path);
  if (found === undefined) {
    throw new Error(`nothing at ${path}`);
  }
  return found;
}

const portalAtServer = () => only<Named & Record<string, unknown>>(`${REALM}/clients?clientId=${portal.clientId}`);
const firstUser = () => only<Named>(`${REALM}/users?username=${realmFacts.firstUser}&exact=true`);

describe(`Keycloak 25`, () => {
  whenThere("the script waits for a Keycloak that starts, and makes the whole realm", async () => {
    await begin("25.0.4", "/auth");
    const { code, output } = await platform.run({ clients });
    expect(output).toContain("waiting for Keycloak: no answer");
    expect(output).toContain("realm cp-realm: created");
    expect(code).toBe(0);
    await platform.server.untilReady();
    expect(await platform.server.shown(REALM)).toMatchObject({ id: realmFacts.id, bruteForceProtected: true });
    // As Common-API spells them.
    const columns = await platform.query(
      "SELECT realm_id, username FROM keycloak.USER_ENTITY WHERE username = 'admin'",
    );
    expect(columns).toContain(`${realmFacts.id}\tadmin`);
  });

  whenThere("it writes only where a pod can", () => {
    expect(platform.server.changedFiles()).toEqual([]);
  });

  whenThere("metrics and health are served apart from everything else", async () => {
    expect((await platform.server.management("/metrics")).status).toBe(200);
    expect((await fetch(`${platform.server.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${platform.server.url}/health`)).status).toBe(404);
  });

  whenThere("a second run changes nothing", async () => {
    await platform.server.manage("PUT", REALM, { adminEventsEnabled: true });
    await platform.server.manage("DELETE", `${REALM}/admin-events`);
    expect(await platform.run({ clients })).toEqual(UNCHANGED);
    expect(await platform.server.shown(`${REALM}/admin-events`)).toEqual([]);
  });

  whenThere("everything that the settings offer is Keycloak's own, and what they leave out stays", async () => {
    const realm = { ...realmFacts, options: realmOptions };
    const before = await platform.server.shown<Record<string, unknown>>(REALM);
    expect(await platform.run({ clients, realm })).toMatchObject({
      code: 0,
      output: expect.stringContaining("passwordPolicy"),
    });
    const document = JSON.parse(realmDocument(realm, [], ""));
    const names = Object.keys(document).filter((key) => !(key in JSON.parse(realmDocument(realmFacts, [], ""))));
    const shown = await platform.server.shown<Record<string, unknown>>(REALM);
    for (const name of names) {
      expect({ [name]: shown[name] }).toMatchObject({
        [name]: Array.isArray(document[name]) ? expect.arrayContaining(document[name]) : document[name],
      });
    }
    expect(await platform.run({ clients, realm })).toEqual(UNCHANGED);
    expect(await platform.run({ clients })).toEqual(UNCHANGED); // left as it is
    const { smtpServer: _, ...old } = before;
    await platform.server.manage("PUT", REALM, { ...old, smtpServer: {}, passwordPolicy: "" });
  });

  whenThere("the first user has to choose a password, and then is an administrator of the platform", async () => {
    const browser = new KeycloakBrowser();
    const first = await website.enter(realmFacts.firstUser, FIRST_PASSWORD, {}, browser);
    const page = "page" in first ? first.page : "";
    expect(page).toContain('name="password-new"');
    const passwords = { "password-new": CHOSEN_PASSWORD, "password-confirm": CHOSEN_PASSWORD };
    const profile = await browser.follow(await browser.submit(page, passwords), platform.server.url);
    const person = { email: "admin@example.org", firstName: "Ada", lastName: "Admin" };
    const end = await browser.submit("page" in profile ? profile.page : "", person);

    const { accessToken, access } = await website.tokens(await browser.follow(end, platform.server.url));
    expect(access).toMatchObject({ roles: ROLES, iss: `${platform.server.url}/realms/cp-realm` });
    const answer = await website.userInfo(accessToken);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ preferred_username: "admin", roles: ROLES });
  });

  whenThere("who asks for an ID token finds the roles there, too", async () => {
    const end = await website.enter(realmFacts.firstUser, CHOSEN_PASSWORD, { scope: "openid" });
    const { id } = await website.tokens(end);
    expect(id).toMatchObject({ roles: ROLES, aud: portal.clientId, iss: `${platform.server.url}/realms/cp-realm` });
  });

  whenThere("without the scope of our own nobody could ask who is logged in", async () => {
    const { id } = await portalAtServer();
    const scopes = await platform.server.shown<Named[]>(`${REALM}/clients/${id}/default-client-scopes`);
    const openid = scopes.find(({ name }) => name === "openid")?.id;
    await platform.server.manage("DELETE", `${REALM}/clients/${id}/default-client-scopes/${openid}`);
    const login = async () => website.tokens(await website.enter(realmFacts.firstUser, CHOSEN_PASSWORD));
    expect((await website.userInfo((await login()).accessToken)).status).toBe(403);
    expect((await platform.run({ clients })).output).toContain("client cp-client: got the default scope openid");
    expect((await website.userInfo((await login()).accessToken)).status).toBe(200);
  });

  whenThere("what is missing or different is put right, and nothing else", async () => {
    const before = await portalAtServer();
    const mappers = `${REALM}/clients/${before.id}/protocol-mappers/models`;
    const scopes = await platform.server.shown<Named[]>(`${REALM}/client-scopes`);
    await platform.server.manage("DELETE", `${mappers}/${(await only<Named>(mappers)).id}`);
    await platform.server.manage(
      "DELETE",
      `${REALM}/client-scopes/${scopes.find(({ name }) => name === "openid")?.id}`,
    );
    await platform.server.manage("DELETE", `${REALM}/roles/${realmFacts.administratorRole}`);
    const wrong = { secret: "another", redirectUris: ["*"], directAccessGrantsEnabled: true, description: "a note" };
    const own = { ...(before["attributes"] as object), "a-setting": "of a person" };
    await platform.server.manage("PUT", `${REALM}/clients/${before.id}`, { ...before, ...wrong, attributes: own });
    await platform.server.manage("PUT", REALM, { registrationAllowed: true, displayName: "Ours" });

    const { code, output } = await platform.run({ clients });
    expect(code).toBe(0);
    expect(output).not.toContain("harbor: changed");
    const { id, secret, redirectUris, protocolMappers, defaultClientScopes } = before;
    expect(await portalAtServer()).toMatchObject({
      ...{ id, secret, redirectUris, directAccessGrantsEnabled: false, description: "a note" },
      attributes: own,
      protocolMappers: [{ name: (protocolMappers as Named[])[0]?.name }],
      defaultClientScopes: expect.arrayContaining(defaultClientScopes as string[]),
    });
    expect(await platform.server.shown(REALM)).toMatchObject({ registrationAllowed: false, displayName: "Ours" });
    const { access } = await website.tokens(await website.enter(realmFacts.firstUser, CHOSEN_PASSWORD));
    expect(access).toMatchObject({ roles: ROLES });
    expect(await platform.run({ clients })).toEqual(UNCHANGED);
  });

  whenThere("a realm that somebody began to make is completed", async () => {
    const realm = { ...realmFacts, name: "begun", id: "begun-1" };
    await platform.server.manage("POST", "", { realm: realm.name, id: realm.id });
    await platform.server.manage("POST", "/begun/groups", { name: realm.administratorGroup });
    await platform.server.manage("POST", "/begun/clients", { clientId: portal.clientId, publicClient: true });
    await platform.server.manage("POST", "/begun/users", { username: realm.firstUser, enabled: true });
    expect(await platform.run({ clients, realm })).toMatchObject({ code: 0 });
    expect(await platform.run({ clients, realm })).toEqual(UNCHANGED);
    // Whoever made the user may have had reasons; the script makes nobody an administrator behind their back.
    const { id } = await only<Named>(`/begun/users?username=${realm.firstUser}`);
    expect(await platform.server.shown(`/begun/users/${id}/groups`)).toEqual([]);
  });

  whenThere("a client that is no longer wanted is deleted, one that people made is kept", async () => {
    await platform.server.manage("POST", `${REALM}/clients`, { clientId: "of-a-person" });
    expect((await platform.run({ clients: [portal] })).output).toContain("client harbor: deleted");
    const present = await platform.server.shown<{ clientId: string }[]>(`${REALM}/clients`);
    const names = present.map(({ clientId }) => clientId);
    expect(names).toEqual(expect.arrayContaining(["cp-client", "of-a-person", "account"]));
    expect(names).not.toContain("harbor");
  });

  whenThere("a wrong password of the administrator is told at once, with what to do", async () => {
    const { code, output } = await platform.run({ clients, password: "not-the-password" });
    expect(code).toBe(3);
    expect(output).toContain("platform:keycloak.administratorPassword");
    expect(output).not.toContain("waiting");
  });

  whenThere("a realm with another id is left alone", async () => {
    const { code, output } = await platform.run({ clients, realm: { ...realmFacts, id: "another-id" } });
    expect(code).toBe(2);
    expect(output).toContain("platform:keycloak.realm.id");
  });

  whenThere("a Keycloak that does not come up has an exit code of its own", async () => {
    const { code, output } = await platform.run({ clients, url: "http://127.0.0.1:1", waitSeconds: 0.5 });
    expect(code).toBe(4);
    expect(output).toContain("Keycloak could not be used within 0.5 seconds");
  });

  whenThere("nobody is sent to a foreign address, and nobody gets in past the login page", async () => {
    const { status } = await fetch(website.loginAddress({ redirect_uri: "https://evil.example.org/login" }));
    expect(status).toBe(400);
    const password = { grant_type: "password", username: realmFacts.firstUser, password: CHOSEN_PASSWORD };
    const answer = await website.askForToken(password);
    expect(await answer.json()).toMatchObject({ error: "unauthorized_client" });
    const page = await (await fetch(website.loginAddress())).text();
    expect(page).toContain('name="rememberMe"');
    expect(page).not.toContain("registrations");
  });

  whenThere("wrong passwords lock the account", async () => {
    const { id } = await firstUser();
    const state = `${REALM}/attack-detection/brute-force/users/${id}`;
    const locked = async () => (await platform.server.shown<{ disabled: boolean }>(state)).disabled;
    // One more than it takes even when they come slowly.
    for (let attempt = 0; attempt <= 30 && !(await locked()); attempt += 1) {
      await website.enter(realmFacts.firstUser, "not-the-password");
    }
    expect(await locked()).toBe(true);
    expect(await website.enter(realmFacts.firstUser, CHOSEN_PASSWORD)).toHaveProperty("page");
    await platform.server.manage("DELETE", state);
  });
});

describe(`Keycloak 26, on what 25 has left`, () => {
  whenThere("the realm needs no change, and people log in as before", async () => {
    await platform.run({ clients });
    await begin("26.0.7", "");
    await platform.server.untilReady();
    expect(platform.server.changedFiles()).toEqual([]);
    expect(await platform.run({ clients })).toEqual(UNCHANGED);
    const { accessToken, access } = await website.tokens(await website.enter(realmFacts.firstUser, CHOSEN_PASSWORD));
    expect(access).toMatchObject({ roles: ROLES });
    expect((await website.userInfo(accessToken)).status).toBe(200);
  });

  whenThere("a first user that somebody deleted does not come back", async () => {
    await platform.server.manage("DELETE", `${REALM}/users/${(await firstUser()).id}`);
    expect(await platform.run({ clients })).toEqual(UNCHANGED);
  });

  whenThere("makes a realm anew", async () => {
    await platform.server.manage("DELETE", REALM);
    expect(await platform.run({ clients })).toMatchObject({ code: 0 });
    expect(await platform.run({ clients })).toEqual(UNCHANGED);
    const first = await website.enter(realmFacts.firstUser, FIRST_PASSWORD);
    expect(first).toMatchObject({ page: expect.stringContaining('name="password-new"') });
  });
});
