import { Cron } from "croner";
import { checkedText } from "./checked";

/** What Kubernetes' reader knows; the library's knows more (`L`, `W`, `#`, `7` for Sunday, names such as `@daily`). */
const PART = /^(?:[0-9*,/?-]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)+$/i;

/** Why a text is no plan of five fields. */
function cronFault(text: string): string | undefined {
  const parts = text.split(" ");
  if (parts.length !== 5 || parts.some((part) => part === "")) {
    return "It has not five fields with one space between them.";
  }
  if (!parts.every((part) => PART.test(part)) || /(?:^|[,-])7/.test(parts[4] ?? "")) {
    return "One of its fields holds something that Kubernetes does not read.";
  }
  try {
    const next = new Cron(text, { paused: true, mode: "5-part", timezone: "UTC" }).nextRun();
    return next === null ? "That day never comes." : undefined;
  } catch {
    return "One of its fields is out of range, or cannot be read.";
  }
}

/** When something is done. */
export const cron = checkedText(cronFault).meta({
  allowed: "five cron fields: minute, hour, day, month, day of the week (0 to 6)",
});

/** The same for Harbor, whose plans have a field for seconds in front. */
export const harborCron = checkedText((text) =>
  text.startsWith("0 ") ? cronFault(text.slice(2)) : "The first of its six fields, the second, is not 0.",
).meta({ allowed: "six cron fields, the first of which is 0" });
