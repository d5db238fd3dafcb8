import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../namespace/namespace.ts";

/** A directory of the test's own. */
export function openTemporaryDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "netwatch-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  readonly json: unknown;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** One request, its answer read to the end. */
export function ask(socketPath: string, path: string, asking: Asking = {}): Promise<Answer> {
  const { method = "GET", body = "" } = asking;
  // Node's client frames the body of a GET only when told to.
  const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const headers = asking.headers ?? length;
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("end", () => {
        const json: unknown = text.startsWith("{") || text.startsWith("[") ? tryJson(text) : null;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
      response.once("error", reject);
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** An answer that is read as it comes, line by line. */
export interface LineStream extends Disposable {
  readonly status: number;
  readonly lines: readonly string[];
  readonly ended: boolean;
}

/** Subscribes, and collects lines until disposed of. */
export function openLines(
  socketPath: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<LineStream> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, headers, agent: false }, (response) => {
      const stream = {
        status: response.statusCode ?? 0,
        lines: [] as string[],
        ended: false,
        [Symbol.dispose]: () => void sent.destroy(),
      };
      let rest = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        const parts = (rest + chunk).split("\n");
        rest = parts.pop() ?? "";
        stream.lines.push(...parts);
      });
      response.once("end", () => {
        stream.ended = true;
      });
      response.once("error", () => undefined);
      resolve(stream);
    });
    sent.once("error", reject);
    sent.end();
  });
}

/** A bare connection: what is written is exactly what is sent, and what comes back is collected as text. */
export interface RawConnection extends Disposable {
  readonly socket: Socket;
  readonly received: () => string;
  readonly closed: () => boolean;
}

export async function openRaw(socketPath: string): Promise<RawConnection> {
  const socket = connect({ path: socketPath });
  let received = "";
  let closed = false;
  let connected = false;
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    received += chunk;
  });
  socket.on("connect", () => {
    connected = true;
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    closed = true;
  });
  await until("a connection", () => connected || closed);
  return {
    socket,
    received: () => received,
    closed: () => closed,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
