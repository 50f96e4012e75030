/** One person's browser at a Keycloak: keeps cookies, fills in forms, follows no redirect to another server. */
export class KeycloakBrowser {
  private readonly cookies = new Map<string, string>();

  /** @param route where an address is asked for, when the name in it leads nowhere from here. @default the address itself */
  constructor(private readonly route: (url: string) => string = (url) => url) {}

  /** Opens an address. */
  open(url: string): Promise<Response> {
    return this.request(url, {});
  }

  /** Fills in the form of a page and sends it; fields that are hidden keep what the page says. */
  async submit(page: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    const action = /<form[^>]*\saction="([^"]+)"/.exec(page)?.[1];
    if (action === undefined) {
      throw new Error(`The page has no form:\n${page}`);
    }
    return this.request(action.replaceAll("&amp;", "&"), {
      method: "POST",
      body: new URLSearchParams({ ...hiddenFields(page), ...fields }),
    });
  }

  /** Follows Keycloak's own redirects. @returns the page, or the address outside at which the login ends */
  async follow(answer: Response, ownOrigin: string): Promise<{ readonly page: string } | { readonly end: URL }> {
    const location = answer.headers.get("location");
    if (location === null) {
      return { page: await answer.text() };
    }
    return location.startsWith(ownOrigin)
      ? this.follow(await this.open(location), ownOrigin)
      : { end: new URL(location) };
  }

  private async request(url: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(this.route(url), { ...init, redirect: "manual", headers: { cookie } });
    for (const each of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      this.cookies.set(name, value);
    }
    return answer;
  }
}

function hiddenFields(page: string): Record<string, string> {
  const inputs = page.match(/<input[^>]*type="hidden"[^>]*>/g) ?? [];
  const attribute = (input: string, name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(input)?.[1] ?? "";
  return Object.fromEntries(inputs.map((input) => [attribute(input, "name"), attribute(input, "value")]));
}
