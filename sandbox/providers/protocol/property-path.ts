/** Where a property is: object keys and list positions. */
export type PropertyPath = readonly (string | number)[];

/** Text of a path in the engine's notation, e.g. `spec.ports[0].port` or `metadata.labels["app.kubernetes.io/name"]`. */
export function formatPath(path: PropertyPath): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === "number") return `${text}[${segment}]`;
    if (/[."[\]]/.test(segment)) return `${text}["${segment.replaceAll('"', '\\"')}"]`;
    return text === "" ? segment : `${text}.${segment}`;
  }, "");
}

/** Reads the engine's notation; `[*]` and `*` become the segment `*`, which stands for any key or position. */
export function parsePath(text: string): PropertyPath {
  const segments: (string | number)[] = [];
  const pattern = /\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g;
  for (const [match, position, quoted, plain] of text.matchAll(pattern)) {
    if (position !== undefined) segments.push(Number(position));
    else if (quoted !== undefined) segments.push(quoted.replace(/\\(.)/g, "$1"));
    else segments.push(plain ?? (match === "[*]" ? "*" : match));
  }
  return segments;
}

/** Whether `inner` is the property at `outer` or lies inside it; `*` in `outer` matches any segment. */
export function containsPath(outer: PropertyPath, inner: PropertyPath): boolean {
  return outer.length <= inner.length && outer.every((segment, index) => segment === "*" || segment === inner[index]);
}
