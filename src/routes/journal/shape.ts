/**
 * Says what is wrong with a value that was read from a file, with its path, or null when it is what it must be. A
 * schema library takes longer to load than a whole restore may take.
 */
export interface Shape<Value> {
  (value: unknown, path: string): string | null;
  /** Never there: it carries the type. */
  readonly value?: Value;
}

export type ShapeOf<Some> = Some extends Shape<infer Value> ? Value : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;

/** An object's type: keys with a shape of `optional` may be missing. */
type ObjectOf<Some extends Fields> = {
  readonly [Key in keyof Some as undefined extends ShapeOf<Some[Key]> ? never : Key]: ShapeOf<
    Some[Key]
  >;
} & {
  readonly [Key in keyof Some as undefined extends ShapeOf<Some[Key]> ? Key : never]?: ShapeOf<
    Some[Key]
  >;
};

/** A string of a length in UTF-16 units, and of a pattern if there is one. */
export function text(least = 0, most = Number.POSITIVE_INFINITY, pattern?: RegExp): Shape<string> {
  return (value, path) => {
    if (typeof value !== "string") return `${path}: not a string`;
    if (value.length < least || value.length > most) return `${path}: too short or too long`;
    return pattern?.test(value) === false ? `${path}: not of its form` : null;
  };
}

/** An integer that a number can hold exactly. */
export function whole(
  least = Number.MIN_SAFE_INTEGER,
  most = Number.MAX_SAFE_INTEGER,
): Shape<number> {
  return (value, path) => {
    if (!Number.isSafeInteger(value)) return `${path}: not a whole number`;
    return Number(value) < least || Number(value) > most ? `${path}: too small or too large` : null;
  };
}

/** A finite number. */
export function amount(least = Number.NEGATIVE_INFINITY): Shape<number> {
  return (value, path) => {
    if (!Number.isFinite(value)) return `${path}: not a number`;
    return Number(value) < least ? `${path}: too small` : null;
  };
}

export function flag(): Shape<boolean> {
  return (value, path) => (typeof value === "boolean" ? null : `${path}: not true or false`);
}

export function oneOf<const Name extends string>(names: readonly Name[]): Shape<Name> {
  return (value, path) =>
    names.some((name) => name === value) ? null : `${path}: none of ${names.join(", ")}`;
}

/** `Date.toISOString()` of some moment. */
export function moment(): Shape<string> {
  return (value, path) => {
    const isOne = typeof value === "string" && isMoment(value);
    return isOne ? null : `${path}: not a time like 2026-01-31T23:59:59.999Z`;
  };
}

/** Bytes as RFC 4648 section 4 writes them. */
export function base64(): Shape<string> {
  const digits = "[0-9a-zA-Z+/]";
  return text(0, undefined, new RegExp(`^(${digits}{4})*(${digits}{2}==|${digits}{3}=)?$`));
}

/** Anything that JSON can say. */
export function anything(): Shape<unknown> {
  return (value, path) => (value === undefined ? `${path}: missing` : null);
}

export function nullable<Value>(shape: Shape<Value>): Shape<Value | null> {
  return (value, path) => (value === null ? null : shape(value, path));
}

export function optional<Value>(shape: Shape<Value>): Shape<Value | undefined> {
  return (value, path) => (value === undefined ? null : shape(value, path));
}

export function list<Value>(shape: Shape<Value>): Shape<readonly Value[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path}: not a list`;
    for (const [at, item] of value.entries()) {
      const problem = shape(item, `${path}.${at}`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

/** An object with at least these keys: those of a later program pass through. */
export function object<const Some extends Fields>(fields: Some): Shape<ObjectOf<Some>> {
  const entries = Object.entries(fields);
  return (value, path) => {
    if (!isObject(value)) return `${path}: not an object`;
    for (const [key, shape] of entries) {
      const problem = shape(value[key], path === "" ? key : `${path}.${key}`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMoment(value: string): boolean {
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === value;
}
