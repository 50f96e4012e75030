import { type Fields, fieldsOf, listOf, type Manifest, podTemplateOf, textOf } from "./manifest";

/** Whether a label selector matches the labels. An empty selector matches everything, as in Kubernetes. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>> = {}): boolean {
  const { matchLabels, matchExpressions } = fieldsOf(selector);
  return (
    Object.entries(fieldsOf(matchLabels)).every(([key, value]) => labels[key] === value) &&
    listOf(matchExpressions).every((expression) => expressionMatches(expression, labels))
  );
}

/** Whether the selector has no condition at all. */
export function isEmptySelector(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = fieldsOf(selector);
  return Object.keys(fieldsOf(matchLabels)).length === 0 && listOf(matchExpressions).length === 0;
}

/** The workloads among `candidates` whose pods the selector matches. */
export function selectedWorkloads(selector: unknown, candidates: readonly Manifest[]): Manifest[] {
  return candidates.filter((candidate) => {
    const pod = podTemplateOf(candidate);
    return pod !== undefined && selects(selector, pod.metadata?.labels);
  });
}

/** `a=b,c in (d,e)`, the notation of kubectl. */
export function describeSelector(selector: unknown): string {
  const { matchLabels, matchExpressions } = fieldsOf(selector);
  const terms = [
    ...Object.entries(fieldsOf(matchLabels)).map(([key, value]) => `${key}=${String(value)}`),
    ...listOf(matchExpressions).map(
      ({ key, operator, values }) => `${String(key)} ${String(operator)} (${listOf<string>(values).join(",")})`,
    ),
  ];
  return terms.length === 0 ? "(everything)" : terms.join(",");
}

function expressionMatches(expression: Fields, labels: Readonly<Record<string, string>>): boolean {
  const key = textOf(expression["key"]) ?? "";
  const value = labels[key];
  const values = listOf<string>(expression["values"]);
  switch (expression["operator"]) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false; // the API server refuses such a selector
  }
}
