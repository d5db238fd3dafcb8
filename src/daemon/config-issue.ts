import type { z } from "zod";
import { lineOfKey } from "./config-line.ts";
import { nearestWord } from "./nearest.ts";

/** What an issue is explained by. */
export interface IssueContext {
  readonly source: string;
  readonly document: Readonly<Record<string, unknown>>;
  /** The keys of each table. */
  readonly known: Readonly<Record<string, readonly string[]>>;
}

interface ConfigProblem {
  readonly line: number | null;
  readonly message: string;
}

/** What is wrong and where, in the file's own words: one problem for each key that the issue is about. */
export function describeConfigIssue(
  issue: z.core.$ZodIssue,
  { source, document, known }: IssueContext,
): ConfigProblem[] {
  const path = issue.path.map(String);
  const at = (place: readonly string[], message: string): ConfigProblem => ({
    line: lineOfKey(source, place),
    message,
  });
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => at([...path, key], unknownKey(key, path[0], known)));
  }
  const value = describeValue(valueAt(document, path));
  return [at(path, `${path.join(".")} must be ${expected(issue)}, not ${value}`)];
}

function unknownKey(key: string, table: string | undefined, known: IssueContext["known"]): string {
  const siblings = table === undefined ? Object.keys(known) : (known[table] ?? []);
  const noun = table === undefined ? `unknown table or key "${key}"` : `unknown key "${key}"`;
  const where = table === undefined ? "" : ` in [${table}]`;
  const near = nearestWord(key, siblings);
  const home = Object.entries(known).find(([, keys]) => keys.includes(key))?.[0];
  if (home !== undefined) return `${noun}${where}, it belongs in [${home}]`;
  if (near !== null) return `${noun}${where}, did you mean "${near}"?`;
  return `${noun}${where}, known are ${siblings.join(", ")}`;
}

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeNames[issue.expected] ?? issue.expected;
    case "invalid_value":
      return oneOf(issue.values.map((value) => JSON.stringify(value)));
    case "too_small":
      return issue.origin === "string" || issue.origin === "array"
        ? "not empty"
        : `at least ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a whole number",
  string: "a string",
  boolean: "true or false",
  array: "a list",
  object: "a table",
  record: "a table",
};

function oneOf(words: readonly string[]): string {
  return words.length < 2
    ? words.join()
    : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const key of path) value = (value as Record<string, unknown> | undefined)?.[key];
  return value;
}

function describeValue(value: unknown): string {
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a table";
  return JSON.stringify(value) ?? "its default";
}
