import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "../logger.ts";
import { metricsContentType } from "./exposition.ts";
import { parseListenAddress } from "./listen-address.ts";

/** Serves metrics over TCP, on this host's loopback only. Disposing of it stops that. */
export interface MetricsServer extends AsyncDisposable {
  /**
   * Serves at this address from now on, and nowhere else; at none when it is empty. What keeps it from that is said,
   * and nothing else suffers.
   */
  listen(address: string): Promise<void>;
}

/** @param render the metrics as they are now */
export function openMetricsServer(render: () => string, log: Logger): MetricsServer {
  let current = "";
  let server: Server | null = null;
  let turn = Promise.resolve();

  const stop = async (): Promise<void> => {
    const ending = server;
    server = null;
    if (ending === null) return;
    const closed = once(ending, "close");
    ending.close();
    ending.closeAllConnections();
    await closed;
  };
  const move = async (address: string): Promise<void> => {
    // One that could not be listened on is tried again: whoever reloads may have mended that.
    if (address === current && (server !== null || address === "")) return;
    await stop();
    current = address;
    const place = parseListenAddress(address);
    if (place === null) return;
    const opening = createMetricsServer(render, log);
    try {
      opening.listen({ ...place, exclusive: true });
      await once(opening, "listening");
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const hint = "mend that and reload by SIGHUP, or choose another in [metrics] listen";
      log.error(`metrics are not served: ${why}; ${hint}`);
      return;
    }
    opening.on("error", (error) => log.error("serving metrics failed", { error }));
    server = opening;
    const { port } = opening.address() as AddressInfo;
    const host = place.host === "::1" ? "[::1]" : place.host;
    log.info(`metrics at http://${host}:${port}/metrics`);
  };
  // One after the other: a reload may come while a port is being opened.
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    turn = turn.then(work);
    return turn;
  };
  return {
    listen: (address) => inTurn(() => move(address)),
    [Symbol.asyncDispose]: () => inTurn(stop),
  };
}

const paths: ReadonlySet<string> = new Set(["/metrics", "/v1/metrics"]);

function createMetricsServer(render: () => string, log: Logger): Server {
  const server = createServer(
    { requestTimeout: 5_000, headersTimeout: 5_000 },
    (request, response) => {
      try {
        answer(request, response, render);
      } catch (error) {
        log.error("the metrics could not be told", { error });
        refuse(response, 500, "the metrics could not be told");
      }
    },
  );
  server.maxConnections = 16;
  server.maxRequestsPerSocket = 1;
  return server;
}

function answer(request: IncomingMessage, response: ServerResponse, render: () => string): void {
  const { method = "", url = "", headers } = request;
  // A page in a browser may have any name resolve to 127.0.0.1, and read what is served there under that name.
  if (parseListenAddress(withPort(headers.host ?? "")) === null)
    refuse(response, 403, "ask by 127.0.0.1, [::1] or localhost");
  else if (!paths.has(url.split("?")[0] ?? "")) refuse(response, 404, "metrics are at /metrics");
  else if (method === "GET") send(response, 200, metricsContentType, render());
  else {
    response.setHeader("allow", "GET");
    refuse(response, 405, "use GET");
  }
}

function withPort(host: string): string {
  return /:\d+$/.test(host) && !host.endsWith("::1") ? host : `${host}:80`;
}

function refuse(response: ServerResponse, status: number, why: string): void {
  send(response, status, "text/plain; charset=utf-8", `${why}\n`);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    connection: "close",
  });
  response.end(text);
}
