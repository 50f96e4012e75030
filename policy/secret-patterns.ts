import { REDACTED } from "./manifest";

/** Names that announce a secret, apart from those that only say where one is or how it is made. */
const SECRET_NAME = /(secret|passw(or)?d|passphrase|token|api_?key|access_?key|private_?key|credential)/i;
const POINTER_NAME = /_?(file|path|dir|directory|name|length|url|ttl|expiry|seconds|minutes|enabled)$/i;

/** What a value can look like so that it must not be readable by everybody, with a word for each. */
const SECRET_VALUES: readonly (readonly [description: string, pattern: RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  [
    "an access token",
    /\b(gh[opsu]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{20,})/,
  ],
  ["an AWS access key", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["a JSON web token", /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/],
  ["a URL with a password", /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]*:(?!\$|%\(|<|\{)[^\s/@$]+@/i],
  [
    "a password or token in clear",
    // A literal after the key; references such as ${X}, $(X), {{ x }}, %(x)s, <x> and paths are not literals.
    /(passw(or)?d|passphrase|secret[_-]?key|api[_-]?key|access[_-]?token|auth[_-]?token)["']?\s*[=:][^\S\n]*["']?(?![\s"'$%<{[(/]|(null|none|true|false|undefined)\b)[^\s"',;]{4,}/i,
  ],
];

/** Whether a variable or key of this name is meant to hold a secret itself. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !POINTER_NAME.test(name);
}

/** What secret the text seems to hold, never the secret; `undefined` if none. */
export function secretIn(text: string): string | undefined {
  if (text.includes(REDACTED)) return "a secret of the stack";
  return SECRET_VALUES.find(([, pattern]) => pattern.test(text))?.[0];
}
