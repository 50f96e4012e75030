import { secretIn } from "../../policy/secret-patterns";

const HIDDEN = "[not shown]";
const LONGEST = 80;

/** From its first line on, whether the end is there or not. */
const PEM = /-----BEGIN(?:(?!-----END)[\s\S])*(?:-----END(?:[^-]|-(?!----))*(?:-----)?)?/g;

/** An `@` as it stands and as a URL may write it. */
const AT = "(?:@|%40)";

/** A name and a password before an `@`; a password may hold everything, so it goes up to the last one. */
const USER_INFORMATION = new RegExp(`(:/{0,3}|//)[^\\s"'\`]*${AT}`, "gi");

const QUERY = /(:\/\/[^\s"'`?]*\?)[^\s"'`]+/g;

/** A message without what must not be in any: keys, and the user information of URLs. */
export function redacted(message: string): string {
  return message
    .replace(PEM, HIDDEN)
    .replace(USER_INFORMATION, (_, scheme: string) => `${scheme}${HIDDEN}@`)
    .replace(QUERY, (_, before: string) => `${before}${HIDDEN}`);
}

/** A text that somebody gave, in words for a message; no message shows one in any other way. */
export function describeText(text: string): string {
  if (text.includes("-----BEGIN") || text.includes("PuTTY-User-Key-File")) {
    return "a text in PEM, which is not shown";
  }
  if (/[\r\n]/.test(text)) {
    return `a text of ${text.split(/\r\n|\r|\n/).length} lines, which is not shown`;
  }
  // Unlike in a message, white space does not end what stands before the last `@`.
  const at = Math.max(text.lastIndexOf("@"), text.toLowerCase().lastIndexOf("%40"));
  const login = at >= 0 && /:|\/\//.test(text.slice(0, at));
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/{1,3}/.exec(text)?.[0] ?? "";
  const visible = login ? `${scheme}${HIDDEN}${text.slice(at)}` : text;
  const kind = login ? undefined : secretIn(text);
  return kind === undefined
    ? `the text ${JSON.stringify(shortened(redacted(visible)))}`
    : `a text that is not shown, since it looks like ${kind}`;
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
