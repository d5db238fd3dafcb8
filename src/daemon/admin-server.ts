import { setMaxListeners } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { largestBodyBytes } from "../admin-api/paths.ts";
import { AdminError, errorBody } from "./admin-error.ts";
import { type AdminRoute, matchRoute } from "./admin-route.ts";
import {
  type ConnectionGuard,
  type ConnectionLimits,
  connectionLimits,
  openConnectionGuard,
} from "./connection-guard.ts";
import type { Logger } from "./logger.ts";
import { readJsonBody } from "./request-body.ts";
import { listenOnSocketFile, type SocketFile, type SocketPlace } from "./socket-file.ts";

export interface AdminServerOptions {
  readonly place: SocketPlace;
  readonly routes: readonly AdminRoute[];
  /** Throws AdminError when the peer may not read. */
  readonly checkAccess: (socket: Socket) => void;
  /** Throws AdminError when the peer may not change anything; asked for every route but those of GET. */
  readonly checkMayChange: (socket: Socket) => void;
  readonly log: Logger;
  readonly limits?: ConnectionLimits;
}

/** A listening admin API. Disposing of it ends all streams, answers what is under way, and removes the socket file. */
export interface AdminServer extends AsyncDisposable {
  /** Changes who may connect. */
  setAccess: SocketFile["setAccess"];
}

// Node looks after its own time limits by a timer that runs for ever; the guard's run only with a connection.
const noTimer = 2_147_483_647;

/** How long answers and streams may take to end when the daemon stops. */
const closeGraceMs = 300;

/**
 * Serves the admin API: HTTP/1.1 over a Unix socket, one request for each connection.
 *
 * @throws DaemonError when the socket cannot be listened on
 */
export async function serveAdmin(options: AdminServerOptions): Promise<AdminServer> {
  const { place, log, limits = connectionLimits } = options;
  const guard = openConnectionGuard(limits, (socket) => passes(options.checkMayChange, socket));
  const stop = new AbortController();
  // Each stream listens to it.
  setMaxListeners(0, stop.signal);
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (!guard.isServed(request.socket)) return;
    void answer(request, response, { ...options, guard, signal: stop.signal });
  };
  const server = createServer(
    {
      connectionsCheckingInterval: noTimer,
      headersTimeout: 0,
      requestTimeout: 0,
      maxHeaderSize: 16_384,
      // There is one host here. Node's own refusal would have no body.
      requireHostHeader: false,
    },
    serve,
  );
  // Of an expectation that we do not know, Node would make a 417 without a body; it may be passed over (RFC 9110).
  server.on("checkExpectation", serve);
  server.maxRequestsPerSocket = 1;
  server.maxConnections = limits.accepted;
  server.on("connection", guard.admit);
  refuseWhatIsNoRequest(server, guard);
  const file = await listenOnSocketFile(server, place);
  server.on("error", (error) => log.error("the admin socket failed", { error }));
  return {
    setAccess: file.setAccess,
    [Symbol.asyncDispose]: async () => {
      file[Symbol.dispose]();
      stop.abort();
      await guard.close(closeGraceMs);
    },
  };
}

/** A peer of whom the system tells nothing does not pass. */
function passes(check: (socket: Socket) => void, socket: Socket): boolean {
  try {
    check(socket);
    return true;
  } catch {
    return false;
  }
}

interface Answering extends AdminServerOptions {
  readonly guard: ConnectionGuard;
  readonly signal: AbortSignal;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { routes, checkAccess, checkMayChange, log, guard, signal }: Answering,
): Promise<void> {
  response.sendDate = false;
  response.setHeader("connection", "close");
  response.on("error", () => response.destroy());
  try {
    const { method = "", url = "", headers } = request;
    const changes = method === "POST" || method === "DELETE";
    (changes ? checkMayChange : checkAccess)(request.socket);
    const isHead = method === "HEAD";
    const { route, parameters, query } = matchRoute(routes, isHead ? "GET" : method, url);
    const body = await readJsonBody(request, largestBodyBytes);
    if (body !== undefined && route.takesBody !== true) {
      throw new AdminError(400, "bad-request", `${method} ${route.path} takes no body`, null);
    }
    // A debt is tried for some seconds before it is left to later.
    if (changes) guard.exempt(request.socket);
    const result = await route.answer({
      parameters,
      query,
      headers,
      body,
      socket: request.socket,
    });
    if (response.destroyed) {
      if (result.kind === "stream") result.abandon?.();
      return;
    }
    if (result.kind === "json") {
      sendJson(request, response, 200, result.body);
      return;
    }
    if (result.kind === "text") {
      sendText(request, response, 200, result.contentType, result.text);
      return;
    }
    if (isHead) {
      result.abandon?.();
      response.end();
      return;
    }
    guard.exempt(request.socket);
    result.write(response, signal);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else sendError(request, response, error, log);
  }
}

function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  log: Logger,
): void {
  if (error instanceof AdminError) {
    for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
    sendJson(request, response, error.status, errorBody(error));
    return;
  }
  if (request.destroyed && !request.complete) return;
  log.error("a request failed", { method: request.method, url: request.url, error });
  const message = "the daemon failed to answer; its log says why";
  const internal = new AdminError(500, "internal", message, "try again; if it stays, report it");
  sendJson(request, response, 500, errorBody(internal));
}

function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: unknown,
): void {
  sendText(request, response, status, "application/json", `${JSON.stringify(body)}\n`);
}

function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  contentType: string,
  text: string,
): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(text),
  });
  if (request.complete) {
    response.end(text);
    return;
  }
  // Ending closes the connection, and bytes then unread reset the peer before it has seen the answer (unix(7)).
  response.write(text);
  request.once("close", () => response.end());
  request.resume();
}

function refuseWhatIsNoRequest(server: Server, guard: ConnectionGuard): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const connection = socket as Socket;
    if (error.code === "HPE_HEADER_OVERFLOW") {
      const message = "the request's line and headers are longer than 16384 bytes";
      const tooLarge = new AdminError(431, "headers-too-large", message, "send less");
      guard.refuse(connection, tooLarge, "Request Header Fields Too Large");
      return;
    }
    if (error.code === "ECONNRESET") {
      connection.destroy();
      return;
    }
    const message = `this is not an HTTP/1.1 request: ${error.message}`;
    const bad = new AdminError(400, "bad-request", message, "try curl --unix-socket");
    guard.refuse(connection, bad, "Bad Request");
  });
  server.on("connect", (_request, socket) => {
    const error = new AdminError(405, "method-not-allowed", "CONNECT is not served", "use GET");
    guard.refuse(socket as Socket, error, "Method Not Allowed");
  });
}
