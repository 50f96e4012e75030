import type { PropertyMap } from "../protocol/property-values";
import { ApiError, isForbidden, isUnauthorizedUser } from "./api-error";
import type { Connection } from "./connection";
import { describe } from "./operation-error";

/**
 * Whether a refusal in a preview says nothing about the update: it comes from a rule of the cluster, and the same run
 * changes or makes an object that may lift it. It is told as a warning then.
 */
export async function isUndecided(
  error: unknown,
  object: PropertyMap,
  urn: string,
  { program, log }: Pick<Connection, "program" | "log">,
): Promise<boolean> {
  const isRule = error instanceof ApiError && !isUnauthorizedUser(error) && (isForbidden(error) || isDenied(error));
  const guard = isRule ? program.changedGuardOf(object) : undefined;
  if (guard === undefined) return false;
  await log(
    "warning",
    urn,
    `As the cluster is now, it would refuse ${describe(object)}: ${(error as Error).message}. Whether it still does when ` +
      `${guard} is changed, which this run does as well, shows only then.`,
  );
  return true;
}

/** Policies may answer with any status, but the texts are fixed. */
function isDenied({ message }: ApiError): boolean {
  return /admission webhook "[^"]*" denied|ValidatingAdmissionPolicy '[^']*'/.test(message);
}
