import { type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import type { ErrorBody } from "../admin-api/error-schema.ts";
import { AdminClientError, isWithoutDaemon } from "./admin-client-error.ts";

/** Asks netwatchd over its Unix socket. Every failure is an AdminClientError, but for the abort of a signal. */
export interface AdminClient {
  /** The JSON that the daemon answers. `action` is what the user wanted, for the error message. */
  get(path: string, action: string, signal?: AbortSignal): Promise<unknown>;
  /** Asks for a change, with a JSON body where one is given; gives the JSON that the daemon answers. */
  send(method: "POST" | "DELETE", path: string, action: string, body?: unknown): Promise<unknown>;
  /**
   * Resolves when the daemon has begun to answer; the lines then end with the answer. With a JSON body it is a
   * POST, and what it asked for may last as long as the answer.
   */
  openLines(
    path: string,
    action: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<AsyncIterable<string>>;
}

const answerWithinMs = 10_000;
const changeWithinMs = 60_000;
const largestAnswerBytes = 64 << 20;
/** A multipath default of 100 legs takes about 10 KB. */
const longestLineBytes = 1 << 20;

/** What goes with a request; a change can take longer, because debts are tried again for some seconds. */
interface Sent {
  readonly method: "GET" | "POST" | "DELETE";
  readonly body?: string;
}

type OpenSocket = (path: string) => Socket;

/** A client for the first of these sockets at which a daemon answers. */
export function createAdminClient(
  sockets: readonly string[],
  openSocket: OpenSocket = connect,
): AdminClient {
  const open = async (
    path: string,
    accept: string,
    action: string,
    signal?: AbortSignal,
    sent: Sent = { method: "GET" },
  ): Promise<IncomingMessage> => {
    let firstFailure: AdminClientError | null = null;
    for (const socketPath of sockets) {
      try {
        const response = await requestOnce(
          () => openSocket(socketPath),
          path,
          accept,
          signal,
          sent,
        );
        if (response.statusCode === 200) return response;
        throw refusal(action, response.statusCode ?? 0, await readBody(response));
      } catch (error) {
        if (signal?.aborted === true) throw error;
        const failure = explainFailure(action, socketPath, error);
        firstFailure ??= failure;
        if (!isWithoutDaemon(failure)) throw failure;
      }
    }
    throw firstFailure ?? new AdminClientError("bad-socket", `cannot ${action}: no socket`, null);
  };
  return {
    async get(path, action, signal) {
      const response = await open(path, "application/json", action, signal);
      return readJson(response, action, signal);
    },
    async send(method, path, action, body) {
      const sent = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const response = await open(path, "application/json", action, undefined, sent);
      return readJson(response, action);
    },
    async openLines(path, action, signal, body) {
      const sent: Sent | undefined =
        body === undefined ? undefined : { method: "POST", body: JSON.stringify(body) };
      const response = await open(path, "application/x-ndjson", action, signal, sent);
      return explainedLines(response, action, signal);
    },
  };
}

/** What came is not what netwatchd says: another program, or another version. */
export function notUnderstood(action: string, cause?: unknown): AdminClientError {
  return new AdminClientError(
    "not-understood",
    `cannot ${action}: the answer is not one that netwatch understands`,
    "Are netwatch and netwatchd of the same version? Compare `netwatch --version` and `netwatchd --version`.",
    cause,
  );
}

function requestOnce(
  openSocket: () => Socket,
  path: string,
  accept: string,
  signal: AbortSignal | undefined,
  { method, body }: Sent,
): Promise<IncomingMessage> {
  const withinMs = method === "GET" ? answerWithinMs : changeWithinMs;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        // An agent would work out a TLS server name first, which takes as long as all the rest of a request.
        createConnection: openSocket,
        path,
        method,
        headers: {
          accept,
          host: "netwatchd",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(signal === undefined ? {} : { signal }),
      },
      (response) => {
        clearTimeout(deadline);
        resolve(response);
      },
    );
    const deadline = setTimeout(() => {
      reject(new NoAnswer(withinMs));
      outgoing.destroy();
    }, withinMs);
    outgoing.on("error", (error) => {
      clearTimeout(deadline);
      reject(error);
    });
    outgoing.end(body);
  });
}

async function* explainedLines(
  response: IncomingMessage,
  action: string,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  try {
    const { boundedLines } = await import("./bounded-lines.ts");
    yield* boundedLines(response, longestLineBytes);
  } catch (error) {
    if (signal.aborted) throw error;
    throw explainFailure(action, "this socket", error);
  }
}

/** The message is the time that was waited. */
class NoAnswer extends Error {
  readonly code = "NO_ANSWER";

  constructor(withinMs: number) {
    super(`${withinMs / 1000} s`);
  }
}

async function readJson(
  response: IncomingMessage,
  action: string,
  signal?: AbortSignal,
): Promise<unknown> {
  try {
    return JSON.parse(await readBody(response)) as unknown;
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw notUnderstood(action, cause);
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
  const deadline = setTimeout(() => response.destroy(new NoAnswer(answerWithinMs)), answerWithinMs);
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > largestAnswerBytes) throw new Error(`over ${largestAnswerBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    clearTimeout(deadline);
  }
}

function refusal(action: string, status: number, body: string): AdminClientError {
  const error = errorIn(body);
  if (error === null) {
    return new AdminClientError(
      "not-understood",
      `cannot ${action}: HTTP status ${status}, without a reason`,
      "Does another program listen at this socket? Name netwatchd's with --socket.",
    );
  }
  const { message, hint, code } = error;
  if (code === "observe-mode") {
    return new AdminClientError("observing", `cannot ${action}: ${message}`, hint);
  }
  if (status === 401 || status === 403) {
    return new AdminClientError("not-permitted", `cannot ${action}: ${message}`, hint);
  }
  return new AdminClientError(
    status === 409 ? "conflict" : "refused",
    `cannot ${action}: ${message}`,
    hint,
  );
}

function errorIn(body: string): ErrorBody["error"] | null {
  try {
    const { error } = JSON.parse(body) as Partial<ErrorBody>;
    if (typeof error?.message !== "string") return null;
    return { ...error, hint: typeof error.hint === "string" ? error.hint : null };
  } catch {
    return null;
  }
}

function explainFailure(action: string, socketPath: string, cause: unknown): AdminClientError {
  if (cause instanceof AdminClientError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return new AdminClientError(
        "no-daemon",
        `cannot ${action}: netwatchd is not running (there is no socket at ${socketPath})`,
        startHint,
        cause,
      );
    case "ECONNREFUSED":
    case "ENOTSOCK":
      return new AdminClientError(
        "stale-socket",
        `cannot ${action}: netwatchd is not running (nothing listens at ${socketPath}, which an earlier one may have left)`,
        startHint,
        cause,
      );
    case "EACCES":
    case "EPERM":
      return new AdminClientError(
        "not-permitted",
        `cannot ${action}: this user may not open netwatchd's socket ${socketPath}`,
        "Try again with sudo, or have your user let in by [admin] read in netwatchd's config.",
        cause,
      );
    case "NO_ANSWER":
      return new AdminClientError(
        "no-answer",
        `cannot ${action}: netwatchd did not answer within ${message}`,
        "Is it stopped or very busy? Its log says what it does.",
        cause,
      );
    case "ECONNRESET":
    case "EPIPE":
      return new AdminClientError(
        "no-answer",
        `cannot ${action}: netwatchd ended the connection`,
        "Try again; if it stays so, netwatchd's log says why.",
        cause,
      );
    default:
      return new AdminClientError(
        "not-understood",
        `cannot ${action}: ${message}`,
        `Is it netwatchd that listens at ${socketPath}? Name its socket with --socket.`,
        cause,
      );
  }
}

const startHint = "Start it with `netwatchd start`, or name its socket with --socket.";
