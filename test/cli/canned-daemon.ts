import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventLine } from "../../src/admin-api/event-schema.ts";
import { eventsPath, interfacesPath, routesPath, statusPath } from "../../src/admin-api/paths.ts";
import type { Status } from "../../src/admin-api/status-schema.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server on a real socket that says what a test wants netwatchd to say. */
export interface CannedDaemon extends AsyncDisposable {
  readonly socketPath: string;
  /** Paths with their queries, in the order they were asked for. */
  readonly asked: string[];
  status: Status;
  /** Sends an event to everyone who follows, and keeps it for who asks later. */
  emit(event: EventLine): void;
  readonly followers: number;
  /** Breaks every connection and goes on listening. */
  dropConnections(): void;
}

/** A folder for a socket, gone with everything in it when disposed of. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "netwatch-cli-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Serves the admin API's read side from these values; `handler`, where given, answers instead of it. */
export async function serveCanned(
  socketPath: string,
  status: Status,
  events: readonly EventLine[],
  handler?: Handler,
): Promise<CannedDaemon> {
  const kept = [...events];
  const followers = new Set<ServerResponse>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    (handler ?? answer)(request, response);
  });
  const json = (response: ServerResponse, code: number, value: unknown): void => {
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
  const answer: Handler = (request, response) => {
    const url = new URL(request.url ?? "", "http://netwatchd");
    const { status: now } = daemon;
    if (url.pathname === statusPath) return json(response, 200, now);
    if (url.pathname === interfacesPath) return json(response, 200, now.interfaces);
    if (url.pathname === routesPath) {
      const { defaults, scoped, displaced } = now;
      return json(response, 200, { defaults, scoped, displaced });
    }
    if (url.pathname === eventsPath) {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.flushHeaders();
      const follows = url.searchParams.get("follow") === "true";
      // As netwatchd does: who follows without a place begins with what comes.
      const since = url.searchParams.get("since") ?? (follows ? "9999-01-01" : "0");
      for (const event of kept.filter((one) => isAfter(one, since))) {
        response.write(`${JSON.stringify(event)}\n`);
      }
      if (!follows) return void response.end();
      followers.add(response);
      response.on("close", () => followers.delete(response));
      return;
    }
    const name = decodeURIComponent(url.pathname.slice(interfacesPath.length + 1));
    const one = now.interfaces.find((each) => each.name === name);
    if (one !== undefined) return json(response, 200, one);
    const error = { code: "not-found", message: `there is no interface ${name}`, hint: "See all." };
    json(response, 404, { error });
  };
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  const daemon: CannedDaemon = {
    socketPath,
    asked,
    status,
    emit: (event) => {
      kept.push(event);
      for (const follower of followers) follower.write(`${JSON.stringify(event)}\n`);
    },
    dropConnections: () => server.closeAllConnections(),
    get followers() {
      return followers.size;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return daemon;
}

function isAfter(event: EventLine, since: string): boolean {
  if (!/^\d+$/.test(since)) return event.time >= since;
  return "id" in event && event.id > Number(since);
}
