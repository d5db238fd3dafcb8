import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AdminError } from "./admin-error.ts";
import { nearestWord } from "./nearest.ts";

/** A request that found its route. */
export interface AdminCall {
  /** What stands in the path where the route has `{name}`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** The JSON that came along; undefined when none did. Only a route that takes one sees any. */
  readonly body: unknown;
  /** The connection that it came by. */
  readonly socket: Socket;
}

/** A whole JSON body, a whole text of another type, or a writer that keeps the response until it ends or the signal aborts. */
type AdminAnswer =
  | { readonly kind: "json"; readonly body: unknown }
  | { readonly kind: "text"; readonly contentType: string; readonly text: string }
  | {
      readonly kind: "stream";
      readonly write: (response: ServerResponse, signal: AbortSignal) => void;
      /** Called instead of `write` when the peer has left meanwhile. */
      readonly abandon?: () => void;
    };

/** One row of the admin API. */
export interface AdminRoute {
  readonly method: "GET" | "POST" | "DELETE";
  /** With `{name}` for a segment that varies. */
  readonly path: string;
  /** Query parameters that the route knows; others are refused. */
  readonly query: readonly string[];
  readonly takesBody?: true;
  readonly answer: (call: AdminCall) => AdminAnswer | Promise<AdminAnswer>;
}

export interface RouteMatch {
  readonly route: AdminRoute;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

/**
 * The route of a request line.
 *
 * @throws AdminError 400 for a target or query that is none, 404 naming the nearest path, 405 with `Allow`
 */
export function matchRoute(
  routes: readonly AdminRoute[],
  method: string,
  target: string,
): RouteMatch {
  const [path = "", search = ""] = target.split("?", 2);
  const words = path.split("/").map(decodeSegment);
  const matches = routes.flatMap((route) => {
    const parameters = parametersOf(route.path, words);
    return parameters === null ? [] : [{ route, parameters }];
  });
  const match = matches.find(({ route }) => route.method === method);
  if (match !== undefined) return { ...match, query: queryOf(match.route, search) };
  if (matches.length > 0) throw wrongMethod(method, path, matches);
  const near = nearestWord(
    path,
    routes.map((route) => route.path),
  );
  throw new AdminError(
    404,
    "not-found",
    `there is nothing at ${path}`,
    near === null
      ? `known paths: ${routes.map((route) => route.path).join(", ")}`
      : `the nearest path is ${near}`,
  );
}

function wrongMethod(
  method: string,
  path: string,
  matches: readonly { readonly route: AdminRoute }[],
): AdminError {
  const allow = matches.map(({ route }) => route.method).join(", ");
  const message = `${method} is not for ${path}`;
  return new AdminError(405, "method-not-allowed", message, `use ${allow}`, { headers: { allow } });
}

function parametersOf(pattern: string, words: readonly string[]): Record<string, string> | null {
  const expected = pattern.split("/");
  if (expected.length !== words.length) return null;
  const parameters: Record<string, string> = {};
  for (const [at, expectedWord] of expected.entries()) {
    const word = words[at] ?? "";
    const name = /^\{(\w+)\}$/.exec(expectedWord)?.[1];
    if (name !== undefined && word !== "") parameters[name] = word;
    else if (word !== expectedWord) return null;
  }
  return parameters;
}

function queryOf(route: AdminRoute, search: string): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search)) {
    if (!route.query.includes(name)) throw unknownParameter(route, name);
    if (query[name] !== undefined) {
      const message = `the query parameter "${name}" is given twice`;
      throw new AdminError(400, "bad-request", message, "give it once");
    }
    query[name] = value;
  }
  return query;
}

function unknownParameter(route: AdminRoute, name: string): AdminError {
  const near = nearestWord(name, route.query);
  const known = route.query.length === 0 ? "it takes none" : `known: ${route.query.join(", ")}`;
  return new AdminError(
    400,
    "bad-request",
    `${route.path} knows no query parameter "${name}"`,
    near === null ? known : `did you mean "${near}"?`,
  );
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw badSegment(segment, cause);
  }
}

function badSegment(segment: string, cause: unknown): AdminError {
  const message = `"${segment}" is not percent-encoded text`;
  return new AdminError(400, "bad-request", message, "write % as %25", { cause });
}
