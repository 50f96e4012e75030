import { KeycloakBrowser } from "./keycloak-browser";
import type { SecretClient } from "./keycloak-platform";

/** Where a login has led: a page of Keycloak, or the address at which the client takes over. */
export type LoginResult = Awaited<ReturnType<KeycloakBrowser["follow"]>>;

/** A system that sends people to Keycloak and asks for their tokens afterwards, as the platform's portal does. */
export class RelyingParty {
  /**
   * @param url base address of Keycloak, with the relative path
   * @param landing address at which a login is to end
   * @param route where an address is asked for, when the name in it leads nowhere from here. @default the address itself
   */
  constructor(
    private readonly url: string,
    private readonly client: Pick<SecretClient, "clientId" | "secret">,
    private readonly landing: string,
    private readonly route: (url: string) => string = (url) => url,
  ) {}

  /** The page at which a login begins. It names no scope, like the portal. @param query further parameters */
  loginAddress(query: Readonly<Record<string, string>> = {}): string {
    const parameters = { response_type: "code", client_id: this.client.clientId, redirect_uri: this.landing, ...query };
    return `${this.protocol("auth")}?${new URLSearchParams(parameters)}`;
  }

  /** Logs a person in as far as the page after name and password. @param query as in {@link loginAddress} */
  async enter(
    username: string,
    password: string,
    query: Readonly<Record<string, string>> = {},
    browser = new KeycloakBrowser(this.route),
  ): Promise<LoginResult> {
    const page = await (await browser.open(this.loginAddress(query))).text();
    return browser.follow(await browser.submit(page, { username, password }), this.url);
  }

  /**
   * The access token after a login, its claims, and those of the ID token, which comes to those only who name the scope
   * `openid`. @throws when it was no login
   */
  async tokens(result: LoginResult) {
    const code = "end" in result ? result.end.searchParams.get("code") : null;
    if (code === null) {
      throw new Error(`The login did not end at the client: ${JSON.stringify(result)}`);
    }
    const answer = await this.askForToken({ grant_type: "authorization_code", code, redirect_uri: this.landing });
    const { access_token, id_token } = (await answer.json()) as { access_token: string; id_token?: string };
    return { accessToken: access_token, access: claimsOf(access_token), id: id_token && claimsOf(id_token) };
  }

  /** Asks for tokens without a browser. */
  askForToken(grant: Readonly<Record<string, string>>): Promise<Response> {
    const login = { client_id: this.client.clientId, client_secret: this.client.secret };
    return fetch(this.route(this.protocol("token")), {
      method: "POST",
      body: new URLSearchParams({ ...grant, ...login }),
    });
  }

  /** Asks who is logged in. */
  userInfo(accessToken: string): Promise<Response> {
    return fetch(this.route(this.protocol("userinfo")), { headers: { authorization: `Bearer ${accessToken}` } });
  }

  private protocol(path: string): string {
    return `${this.url}/realms/cp-realm/protocol/openid-connect/${path}`;
  }
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}
