/** What a password has to be like. What is absent is not asked for. */
export interface PasswordPolicy {
  readonly length?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly digits?: number | undefined;
  readonly lowerCase?: number | undefined;
  readonly upperCase?: number | undefined;
  readonly specialChars?: number | undefined;
  readonly notUsername?: boolean | undefined;
  readonly notEmail?: boolean | undefined;
  /** So many earlier passwords may not be used again. */
  readonly passwordHistory?: number | undefined;
  /** Days after which a new one is asked for. */
  readonly forceExpiredPasswordChange?: number | undefined;
}

/** The mail server that Keycloak sends through. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly from: string;
  readonly fromDisplayName?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly encryption: "none" | "starttls" | "tls";
  /** User name of the login there; its password is given apart. @default no login */
  readonly username?: string | undefined;
}

/** Settings of the realm that people change in Keycloak's console elsewhere. What is absent is left as it is there. */
export interface RealmOptions {
  readonly displayName?: string | undefined;
  /** Lives in seconds of what people and clients hold. */
  readonly lifetimes?: {
    readonly offlineSessionIdle?: number | undefined;
    readonly rememberedSessionIdle?: number | undefined;
    readonly rememberedSessionMax?: number | undefined;
    readonly loginPage?: number | undefined;
    readonly userActionLink?: number | undefined;
    readonly administratorActionLink?: number | undefined;
    readonly authorizationCode?: number | undefined;
  };
  readonly login?: {
    readonly withEmail?: boolean | undefined;
    readonly emailAsUsername?: boolean | undefined;
    readonly duplicateEmails?: boolean | undefined;
    readonly verifyEmail?: boolean | undefined;
    readonly resetPassword?: boolean | undefined;
    readonly editUsername?: boolean | undefined;
  };
  readonly passwordPolicy?: PasswordPolicy | undefined;
  readonly bruteForce?: {
    readonly failures?: number | undefined;
    readonly waitSeconds?: number | undefined;
    readonly maxWaitSeconds?: number | undefined;
    readonly resetSeconds?: number | undefined;
    readonly permanent?: boolean | undefined;
  };
  readonly mail?: MailServer | undefined;
  readonly locales?: { readonly supported: readonly string[]; readonly default: string } | undefined;
  readonly themes?: {
    readonly login?: string | undefined;
    readonly account?: string | undefined;
    readonly email?: string | undefined;
  };
  readonly events?: {
    readonly logins?: boolean | undefined;
    readonly loginDays?: number | undefined;
    readonly administration?: boolean | undefined;
    readonly administrationDetails?: boolean | undefined;
  };
}

/**
 * The options under the names of Keycloak's realm export.
 * @param mailPassword secret; for the login at the mail server
 */
export function realmOptions(options: RealmOptions, mailPassword?: string): Record<string, unknown> {
  const {
    lifetimes = {},
    login = {},
    bruteForce = {},
    events = {},
    themes = {},
    locales,
    mail,
    passwordPolicy,
  } = options;
  return present({
    displayName: options.displayName,
    offlineSessionIdleTimeout: lifetimes.offlineSessionIdle,
    ssoSessionIdleTimeoutRememberMe: lifetimes.rememberedSessionIdle,
    ssoSessionMaxLifespanRememberMe: lifetimes.rememberedSessionMax,
    accessCodeLifespanLogin: lifetimes.loginPage,
    actionTokenGeneratedByUserLifespan: lifetimes.userActionLink,
    actionTokenGeneratedByAdminLifespan: lifetimes.administratorActionLink,
    accessCodeLifespan: lifetimes.authorizationCode,
    loginWithEmailAllowed: login.withEmail,
    registrationEmailAsUsername: login.emailAsUsername,
    duplicateEmailsAllowed: login.duplicateEmails,
    verifyEmail: login.verifyEmail,
    resetPasswordAllowed: login.resetPassword,
    editUsernameAllowed: login.editUsername,
    passwordPolicy: passwordPolicy && passwordPolicyText(passwordPolicy),
    failureFactor: bruteForce.failures,
    waitIncrementSeconds: bruteForce.waitSeconds,
    maxFailureWaitSeconds: bruteForce.maxWaitSeconds,
    maxDeltaTimeSeconds: bruteForce.resetSeconds,
    permanentLockout: bruteForce.permanent,
    smtpServer: mail && mailServer(mail, mailPassword),
    internationalizationEnabled: locales && true,
    supportedLocales: locales?.supported,
    defaultLocale: locales?.default,
    loginTheme: themes.login,
    accountTheme: themes.account,
    emailTheme: themes.email,
    eventsEnabled: events.logins,
    eventsExpiration: events.loginDays === undefined ? undefined : events.loginDays * 86_400,
    adminEventsEnabled: events.administration,
    adminEventsDetailsEnabled: events.administrationDetails,
  });
}

/** In Keycloak's words: `length(12) and notUsername(undefined)`. */
function passwordPolicyText(policy: PasswordPolicy): string {
  return Object.entries(policy)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => `${name}(${value === true ? "undefined" : value})`)
    .sort()
    .join(" and ");
}

/** Every value is a text there. */
function mailServer(
  { host, port, from, fromDisplayName, replyTo, encryption, username }: MailServer,
  password?: string,
) {
  return present({
    host,
    port: String(port),
    from,
    fromDisplayName,
    replyTo,
    ssl: String(encryption === "tls"),
    starttls: String(encryption === "starttls"),
    auth: String(username !== undefined),
    user: username,
    password,
  });
}

function present(entries: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
