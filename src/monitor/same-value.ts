/** Whether two plain values (objects, arrays and primitives, no cycles) are equal in every part. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  const other = b as Readonly<Record<string, unknown>>;
  const one = a as Readonly<Record<string, unknown>>;
  return keys.every((key) => key in other && sameValue(one[key], other[key]));
}
