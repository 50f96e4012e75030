import { randomBytes } from "node:crypto";
import { keycloakPorts, managementPaths } from "../../../components/identity/keycloak-configuration";
import { eventually } from "../../engine/cluster-support";
import { KeycloakBrowser } from "../../support/keycloak-browser";
import { RelyingParty } from "../../support/relying-party";
import { throughPort } from "../port-forward";
import type { RealPlatform } from "../real-platform";

const PODS = ["keycloak-0", "keycloak-1"] as const;
type PodName = (typeof PODS)[number];

/** The realm as its Job is told to make it. */
interface Realm {
  readonly realm: string;
  readonly roles: { readonly realm: readonly { readonly name: string }[] };
  readonly groups: readonly { readonly name: string; readonly realmRoles: readonly string[] }[];
  readonly clients: readonly {
    readonly clientId: string;
    readonly secret: string;
    readonly redirectUris: readonly string[];
    readonly protocolMappers: readonly { readonly name: string }[];
  }[];
  readonly users: readonly { readonly username: string; readonly credentials: readonly { readonly value: string }[] }[];
}

/** Somebody whom the tests add to the administrators, and remove. */
const person = { username: "node-test", email: "node-test@example.org", firstName: "Node", lastName: "Test" };

/** One Keycloak of two pods, with the realm of the platform. */
export function keycloakTests(current: () => RealPlatform): void {
  const password = randomBytes(18).toString("base64url");
  let realm: Realm;
  let publicUrl: string;

  /** Reaches the HTTP port of each pod, whatever name an address has. */
  const onPods = <Result>(use: (urls: Readonly<Record<PodName, string>>) => Promise<Result>) =>
    throughPort(current(), { namespace: "keycloak", pod: PODS[0], port: keycloakPorts.http }, (first) =>
      throughPort(current(), { namespace: "keycloak", pod: PODS[1], port: keycloakPorts.http }, (second) =>
        use({ "keycloak-0": first, "keycloak-1": second }),
      ),
    );

  const management = (pod: PodName, path: string) =>
    throughPort(current(), { namespace: "keycloak", pod, port: keycloakPorts.management }, async (url) =>
      (await fetch(`${url}${path}`)).text(),
    );

  /** How many members the cluster has, as a pod sees it. */
  const members = async (pod: PodName) =>
    /^vendor_cache_container_health_number_of_nodes\{[^}]*\} (\S+)$/m.exec(
      await management(pod, managementPaths.metrics),
    )?.[1];

  const untilOneCluster = () =>
    eventually(async () => {
      const seen = await Promise.all(PODS.map(members));
      return seen.every((count) => count === "2.0") ? true : undefined;
    });

  /** The admin API. @param path below the realm's */
  const manage = (url: string) => async (method: string, path: string, body?: unknown) => {
    const environment = await current().secret("keycloak", "keycloak-environment");
    const login = {
      username: environment["KEYCLOAK_ADMIN"] ?? "",
      password: environment["KEYCLOAK_ADMIN_PASSWORD"] ?? "",
    };
    const answer = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "password", client_id: "admin-cli", ...login }),
    });
    const { access_token } = (await answer.json()) as { access_token: string };
    const managed = await fetch(`${url}/admin/realms/${realm.realm}${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await managed.text();
    if (!managed.ok) throw new Error(`${method} ${path}: ${managed.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as unknown;
  };

  const shown = async <Shape>(path: string) =>
    (await onPods((urls) => manage(urls["keycloak-0"])("GET", path))) as Shape;

  /**
   * Waits until a pod has lost its connections to a database that was restarted before: each is noticed by a request that
   * fails. So many requests at a time use all connections that a pod without work keeps.
   */
  const untilConnected = (url: string) =>
    eventually(async () => {
      const asked = Array.from({ length: 8 }, () => manage(url)("GET", `/users?username=${person.username}`));
      const answers = await Promise.allSettled(asked);
      return answers.every(({ status }) => status === "fulfilled") ? true : undefined;
    });

  const removePerson = (url: string) => async () => {
    const found = (await manage(url)("GET", `/users?username=${person.username}&exact=true`)) as { id: string }[];
    for (const { id } of found) await manage(url)("DELETE", `/users/${id}`);
  };

  /** The portal, whose calls go to the pod that `pod` says at that moment. */
  const portalAt = (urls: Readonly<Record<PodName, string>>, pod: () => PodName, secret?: string) => {
    const client = realm.clients.find(({ clientId }) => clientId === "cp-client");
    if (client === undefined) throw new Error("The realm has no client of the portal.");
    const route = (url: string) => url.replace(publicUrl, urls[pod()]);
    const landing = (client.redirectUris[0] ?? "").replace("*", "login");
    const portal = new RelyingParty(publicUrl, { ...client, ...(secret !== undefined && { secret }) }, landing, route);
    return { portal, browser: new KeycloakBrowser(route) };
  };

  beforeAll(async () => {
    realm = JSON.parse((await current().secret("keycloak", "keycloak-realm"))["realm.json"] ?? "{}") as Realm;
    const pod = await current().object<{ spec: { containers: { env: { name: string; value: string }[] }[] } }>(
      "keycloak",
      "pod",
      PODS[0],
    );
    publicUrl = pod.spec.containers[0]?.env.find(({ name }) => name === "KC_HOSTNAME")?.value ?? "";
    await current().untilReady("keycloak", "statefulset/keycloak");
    await onPods(async (urls) => {
      for (const pod of PODS) await untilConnected(urls[pod]);
      const call = manage(urls["keycloak-0"]);
      await removePerson(urls["keycloak-0"])();
      const groups = realm.groups.map(({ name }) => `/${name}`);
      const credentials = [{ type: "password", value: password, temporary: false }];
      await call("POST", "/users", { ...person, enabled: true, emailVerified: true, groups, credentials });
    });
  });

  afterAll(() => onPods((urls) => removePerson(urls["keycloak-0"])()));

  test("both pods are members of one cluster", async () => {
    expect(await Promise.all(PODS.map(members))).toEqual(["2.0", "2.0"]);
  });

  test("the realm has the clients, the role and the group of the platform", async () => {
    const clients = await shown<Realm["clients"]>("/clients");
    for (const { clientId, secret, redirectUris } of realm.clients) {
      expect(clients.find((each) => each.clientId === clientId)).toMatchObject({ secret, redirectUris });
    }
    const roles = await shown<{ name: string }[]>("/roles");
    expect(roles.map(({ name }) => name)).toEqual(expect.arrayContaining(realm.roles.realm.map(({ name }) => name)));
    const groups = await shown<{ name: string }[]>("/groups");
    expect(groups.map(({ name }) => name)).toEqual(realm.groups.map(({ name }) => name));
  });

  test("the first user comes in with the password of the settings, and has to choose another", async () => {
    const [first] = realm.users;
    const result = await onPods(async (urls) => {
      const { portal } = portalAt(urls, () => "keycloak-0");
      return portal.enter(first?.username ?? "", first?.credentials[0]?.value ?? "");
    });
    expect(result).toMatchObject({ page: expect.stringContaining('name="password-new"') });
  });

  test("a login that begins at one pod goes on at the other, and its token has the roles", async () => {
    await onPods(async (urls) => {
      let pod: PodName = "keycloak-0";
      const { portal, browser } = portalAt(urls, () => pod);
      const page = await (await browser.open(portal.loginAddress())).text();
      pod = "keycloak-1";
      const sent = await browser.submit(page, { username: person.username, password });
      pod = "keycloak-0";
      const { accessToken, access } = await portal.tokens(await browser.follow(sent, publicUrl));
      const roles = expect.arrayContaining(realm.roles.realm.map(({ name }) => name));
      expect(access).toMatchObject({
        ...{ iss: `${publicUrl}/realms/${realm.realm}`, azp: "cp-client", roles, preferred_username: person.username },
      });
      for (const each of PODS) {
        pod = each;
        const answer = await portal.userInfo(accessToken);
        expect(answer.status).toBe(200);
        expect(await answer.json()).toMatchObject({ preferred_username: person.username, roles });
      }
    });
  });

  test("a client with a wrong secret gets no token, and nobody gets in past the login page", async () => {
    await onPods(async (urls) => {
      const pod = () => "keycloak-0" as const;
      const grant = { grant_type: "authorization_code", code: "none", redirect_uri: "https://example.org" };
      const wrong = await portalAt(urls, pod, "not-the-secret").portal.askForToken(grant);
      expect({ status: wrong.status, ...((await wrong.json()) as object) }).toMatchObject({
        ...{ status: 401, error: "unauthorized_client" },
      });
      const right = portalAt(urls, pod).portal;
      expect(await (await right.askForToken(grant)).json()).toMatchObject({ error: "invalid_grant" });
      const past = await right.askForToken({ grant_type: "password", username: person.username, password });
      expect(await past.json()).toMatchObject({ error: "unauthorized_client" });
    });
  });

  test("a login outlives the pod at which it was made, and the new pod joins the cluster", async () => {
    let pod: PodName = "keycloak-1";
    let browser: KeycloakBrowser | undefined;
    let urlsNow: Readonly<Record<PodName, string>>;
    const route = (url: string) => url.replace(publicUrl, urlsNow[pod]);
    await onPods(async (urls) => {
      urlsNow = urls;
      browser = new KeycloakBrowser(route);
      await portalAt(urls, () => pod).portal.enter(person.username, password, {}, browser);
    });
    const whose = async () =>
      (await current().object<{ metadata: { uid: string } }>("keycloak", "pod", pod)).metadata.uid;
    const old = await whose();
    await current().kubectl.read("--namespace", "keycloak", "delete", "pod", pod);
    await current().untilReady("keycloak", `pod/${pod}`);
    expect(await whose()).not.toBe(old);
    await untilOneCluster();
    await onPods(async (urls) => {
      urlsNow = urls;
      for (const each of PODS) {
        pod = each;
        const { portal } = portalAt(urls, () => pod);
        const end = await browser?.follow(await browser.open(portal.loginAddress()), publicUrl);
        // No page asks for the password again.
        expect((await portal.tokens(end ?? { page: "" })).access).toMatchObject({
          preferred_username: person.username,
        });
      }
    });
  });
}
