import { isPlainObject } from "./merge";

/** Keys and list positions from the section down to a setting. */
export type SettingPath = readonly (string | number)[];

/** The path as `pulumi config set --path` takes it: `platform:openchecker.agents.tolerations[0].key`. */
export function formatPath(path: SettingPath): string {
  const [section, ...rest] = path;
  const tail = rest.map((key) => {
    if (typeof key === "number") {
      return `[${key}]`;
    }
    return /^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  });
  return `platform:${section ?? ""}${tail.join("")}`;
}

/** The value at a path of plain data; undefined where there is none. */
export function valueAt(value: unknown, path: SettingPath): unknown {
  const [key, ...rest] = path;
  if (key === undefined) {
    return value;
  }
  const next = Array.isArray(value) ? value[Number(key)] : isPlainObject(value) ? value[key] : undefined;
  return next === undefined ? undefined : valueAt(next, rest);
}

/** Whether one path leads to the other one, or through it. */
export function overlap(left: SettingPath, right: SettingPath): boolean {
  const shorter = Math.min(left.length, right.length);
  return left.slice(0, shorter).every((key, index) => key === right[index]);
}

/** `data` without what lies at `path`; a list goes as a whole, because its other entries would move up. */
export function without(data: unknown, path: SettingPath): unknown {
  const [key, ...rest] = path;
  if (key === undefined || !isPlainObject(data) || !(key in data)) {
    return data;
  }
  const { [key]: value, ...others } = data;
  return rest.length === 0 || !isPlainObject(value) ? others : { ...others, [key]: without(value, rest) };
}
