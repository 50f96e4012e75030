import { z } from "zod";
import { oneLine } from "./types/text";
import { cidr, port, secretText, serverAddress } from "./values";

const seconds = (defaultValue: number, description: string) =>
  z
    .int()
    .min(60)
    .max(30 * 86_400)
    .default(defaultValue)
    .meta({ description, unit: "seconds", source: "upstream" });

/** Absent: as it is in Keycloak. */
const optionalSeconds = (description: string) =>
  z
    .int()
    .min(1)
    .max(3650 * 86_400)
    .exactOptional()
    .meta({ description, unit: "seconds" });
const count = (description: string, most = 1000) => z.int().min(1).max(most).exactOptional().meta({ description });
const flag = (description: string) => z.boolean().exactOptional().meta({ description });

const line = oneLine();

const address = z.email().meta({ allowed: "an e-mail address", examples: ["sso@example.org"] });

const lifetimes = z
  .strictObject({
    offlineSessionIdle: optionalSeconds("An offline session ends after this time without use; Keycloak: 2592000."),
    rememberedSessionIdle: optionalSeconds("The same for a login with *Remember me*; Keycloak: as without."),
    rememberedSessionMax: optionalSeconds("A login with *Remember me* ends then in any case; Keycloak: as without."),
    loginPage: optionalSeconds("How long people may take to log in; Keycloak: 1800."),
    userActionLink: optionalSeconds("How long a link lasts that people had sent to them; Keycloak: 300."),
    administratorActionLink: optionalSeconds("How long a link lasts that an administrator sent; Keycloak: 43200."),
    authorizationCode: optionalSeconds("How long a client may take to redeem a login; Keycloak: 60."),
  })
  .prefault({})
  .meta({ description: "How long the rest lasts." });

const login = z
  .strictObject({
    withEmail: flag("Take the e-mail address for a user name, too; Keycloak: true."),
    emailAsUsername: flag("Have no user names but the e-mail address; Keycloak: false."),
    duplicateEmails: flag("Let several people have one e-mail address; Keycloak: false."),
    verifyEmail: flag("Have people show that the e-mail address is theirs; needs `mail`. Keycloak: false."),
    resetPassword: flag("Offer *Forgot password*; needs `mail`. Keycloak: false."),
    editUsername: flag("Let people change their user name; Keycloak: false."),
  })
  .prefault({})
  .meta({ description: "What the login page offers." });

const passwordPolicy = z
  .strictObject({
    length: count("Fewest characters.", 128),
    maxLength: count("Most characters.", 1024),
    digits: count("Fewest digits.", 128),
    lowerCase: count("Fewest lower-case letters.", 128),
    upperCase: count("Fewest upper-case letters.", 128),
    specialChars: count("Fewest characters of other kinds.", 128),
    notUsername: flag("Not the user name."),
    notEmail: flag("Not the e-mail address."),
    passwordHistory: count("So many earlier passwords may not be used again.", 100),
    forceExpiredPasswordChange: count("Days after which a new one is asked for.", 3650),
  })
  .refine((policy) => (policy.length ?? 0) <= (policy.maxLength ?? 1024), {
    path: ["maxLength"],
    error: "No password is as long as `length` asks for.",
  })
  .exactOptional()
  .meta({ description: "What a password has to be like; absent: as it is in Keycloak, which asks for nothing." });

const bruteForce = z
  .strictObject({
    failures: count("Wrong passwords before an account is locked; Keycloak: 30.", 10_000),
    waitSeconds: optionalSeconds("How much longer it is locked each time; Keycloak: 60."),
    maxWaitSeconds: optionalSeconds("The longest lock; Keycloak: 900."),
    resetSeconds: optionalSeconds("Failures are forgotten after this time; Keycloak: 43200."),
    permanent: flag("Lock until an administrator unlocks; Keycloak: false."),
  })
  .prefault({})
  .meta({ description: "How wrong passwords are answered, with `bruteForceProtection`." });

const mail = z
  .strictObject({
    host: serverAddress.meta({ description: "Address of the mail server." }),
    port: port.default(587).meta({ description: "Port of the mail server." }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the mail server, for the network policies." }),
    encryption: z.enum(["none", "starttls", "tls"]).default("starttls").meta({
      description: "How the connection is protected.",
    }),
    from: address.meta({ description: "Sender." }),
    fromDisplayName: line.exactOptional().meta({ description: "Name of the sender." }),
    replyTo: address.exactOptional().meta({ description: "Where answers go." }),
    login: z
      .strictObject({
        username: line.meta({ description: "User name." }),
        password: secretText().meta({ description: "Password." }),
      })
      .exactOptional()
      .meta({ description: "Login at the mail server; absent: none." }),
  })
  .exactOptional()
  .meta({
    description: "Mail server for forgotten passwords and the like; absent: as it is in Keycloak, which has none.",
  });

const locale = z
  .string()
  .regex(/^[a-z]{2,3}(?:-[A-Za-z]{2,8})?$/)
  .meta({ allowed: "a language tag such as en, ko or zh-CN" });

const locales = z
  .strictObject({
    supported: z
      .array(locale)
      .min(1)
      .meta({ description: "Languages that people may choose.", examples: [["en", "ko"]] }),
    default: locale.meta({ description: "Language of those who choose none." }),
  })
  .refine((all) => all.supported.includes(all.default), {
    path: ["default"],
    error: "The default is none of the supported languages.",
  })
  .exactOptional()
  .meta({ description: "Languages of the login pages; absent: as it is in Keycloak, which has English only." });

const themes = z
  .strictObject({
    login: line.exactOptional().meta({ description: "Of the login pages." }),
    account: line.exactOptional().meta({ description: "Of the account pages." }),
    email: line.exactOptional().meta({ description: "Of mails." }),
  })
  .prefault({})
  .meta({ description: "Themes, which have to be in Keycloak's image." });

const events = z
  .strictObject({
    logins: flag("Keep what people do; Keycloak: false."),
    loginDays: z
      .int()
      .min(1)
      .max(3650)
      .exactOptional()
      .meta({ description: "For so long; Keycloak: for ever.", unit: "days" }),
    administration: flag("Keep what administrators change; Keycloak: false."),
    administrationDetails: flag("With what they changed it to; Keycloak: false."),
  })
  .prefault({})
  .meta({ description: "Events that Keycloak keeps in its database." });

/** The realm that the platform's people and clients belong to. */
export const realm = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,36}$/)
      .exactOptional()
      .meta({
        description: "Key of the realm in Keycloak's tables, which cannot be changed later; absent: the profile's.",
        allowed: "1 to 36 letters, digits and dashes",
      }),
    firstUser: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._@-]{0,254}$/)
      .default("admin")
      .meta({
        description: "The first user, an administrator of the platform, with a generated password for the first login.",
        allowed: "lower-case letters, digits, dots, dashes, underscores and @",
        source: "upstream",
      }),
    displayName: line.exactOptional().meta({ description: "What the login page calls the realm; absent: as it is." }),
    accessTokenSeconds: seconds(3600, "Life of an access token."),
    sessionIdleSeconds: seconds(3600, "A login ends after this time without use."),
    sessionMaxSeconds: seconds(36_000, "A login ends after this time in any case."),
    lifetimes,
    rememberMe: z.boolean().default(true).meta({ description: "Offer *Remember me* on the login page." }),
    sslRequired: z.enum(["external", "all", "none"]).default("external").meta({
      description: "Who has to come by TLS: clients outside of private networks, all, or nobody.",
      source: "upstream",
    }),
    selfRegistration: z.boolean().default(false).meta({
      description: "Let everybody who reaches the login page make an account.",
    }),
    login,
    passwordPolicy,
    bruteForceProtection: z.boolean().default(true).meta({
      description: "Lock an account for a while after wrong passwords.",
    }),
    bruteForce,
    directGrants: z.boolean().default(false).meta({
      description: "Let clients send a person's name and password themselves, past the login page.",
    }),
    mail,
    locales,
    themes,
    events,
  })
  .prefault({})
  .meta({
    description:
      "The realm that the platform's people and clients belong to. What is set here is put back by the realm Job; what is absent stays as it is in Keycloak.",
  });
