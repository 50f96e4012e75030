import { z } from "zod";
import { isSecretName } from "../../../policy/secret-patterns";

/** Name of a variable of the environment. */
export const variableName = z
  .string()
  .max(253)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/);

/** Why variables cannot stand in plain text. */
export function secretVariables(variables: Readonly<Record<string, string>>): string | undefined {
  const names = Object.keys(variables).filter(isSecretName);
  return names.length === 0
    ? undefined
    : `By its name ${names.join(", ")} is a secret, and variables are no place for one: everybody who may look at pods reads them.`;
}
