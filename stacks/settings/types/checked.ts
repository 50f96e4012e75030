import { z } from "zod";

/** Why a value cannot be taken, as a sentence; undefined where it can. It never repeats the value. */
export type Fault<T> = (value: T) => string | undefined;

/** Gives a check its own words: the report shows them in place of "This value is not allowed." */
export function withReason<T>(fault: Fault<T>): (value: T, context: z.core.$RefinementCtx<T>) => void {
  return (value, context) => {
    const reason = fault(value);
    if (reason !== undefined) {
      // What compares the value with others does not look at it any more.
      context.addIssue({ code: "custom", params: { reason }, continue: false });
    }
  };
}

/** A text that a function looks through. */
export function checkedText(fault: Fault<string>) {
  return z.string().superRefine(withReason(fault));
}

/** What a check said about a value, where it said anything. */
export function reasonOf(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === "invalid_union") {
    // A union of texts: the branch that got furthest is the one whose check speaks.
    return issue.errors
      .flat()
      .map(reasonOf)
      .find((reason) => reason !== undefined);
  }
  const reason = issue.code === "custom" ? issue.params?.["reason"] : undefined;
  return typeof reason === "string" ? reason : undefined;
}
