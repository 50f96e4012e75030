import { checkedText } from "./checked";

/** What ends a line or does worse in a file, a header, an argument. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** Text on one line, as long as any file, header or argument can take it. */
export function oneLine(longest = 253) {
  return checkedText((value) => lineFault(value, longest)).meta({
    allowed: `a text of 1 to ${longest} characters on one line, without white space around it`,
  });
}

/** What keeps a text from being one line of a file. */
function lineFault(value: string, longest: number): string | undefined {
  if (value.trim() === "") {
    return "The text is empty.";
  }
  if (CONTROL.test(value)) {
    return "The text holds a line break, a tab or another control character.";
  }
  if (value !== value.trim()) {
    return "There is white space before or after the text.";
  }
  return value.length > longest ? `The text has ${value.length} characters.` : undefined;
}
