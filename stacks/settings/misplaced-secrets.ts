import { secretIn } from "../../policy/secret-patterns";
import { isPlainObject } from "./merge";
import type { SettingPath } from "./paths";
import type { Problem } from "./problems";
import { type Field, fieldAt } from "./schema-view";
import { isSecret, UNKNOWN_SECRET } from "./secrets";

/**
 * Texts that hold a secret where the schema has none: a login in a URL, a private key behind a certificate, a token among
 * variables. They would end in ConfigMaps, arguments and annotations, and stand in the stack file for everybody to read.
 */
export function misplacedSecrets(view: Field, configured: unknown): Problem[] {
  return texts(configured, []).flatMap(({ path, text }) => {
    const kind =
      text.includes(UNKNOWN_SECRET) || isSecret(fieldAt(view, path, configured)) ? undefined : secretIn(text);
    return kind === undefined
      ? []
      : [
          {
            paths: [path],
            reason: `The text holds ${kind}, and this setting is not kept secret: everybody who reads the stack file or the cluster's objects would see it.`,
            given: [],
            remedy:
              "Take it out, choose a new one, since others may have read this one, and give that where a setting of the type secret takes it.",
          },
        ];
  });
}

function texts(value: unknown, path: SettingPath): { path: SettingPath; text: string }[] {
  if (typeof value === "string") {
    return [{ path, text: value }];
  }
  if (Array.isArray(value)) {
    return value.flatMap((each, index) => texts(each, [...path, index]));
  }
  return isPlainObject(value) ? Object.entries(value).flatMap(([key, each]) => texts(each, [...path, key])) : [];
}
