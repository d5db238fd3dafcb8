import type { ServerResponse } from "node:http";
import type { LeaseLine } from "../admin-api/lease-schema.ts";
import type { HeldLease, HolderNews } from "../leases/lease-holding.ts";
import { grantedLine, newsLine } from "./lease-view.ts";

/** A holder that leaves so much unread has lost sight of its lease: it is ended. */
const mostUnreadBytes = 65_536;

/**
 * Writes what happens to a lease until its connection is over or the signal aborts; either is the end of the lease,
 * or begins the time that it outlives its connection.
 */
export function streamLease(held: HeldLease, response: ServerResponse, signal: AbortSignal): void {
  const { id } = held.lease;
  const write = (line: LeaseLine): void => {
    const { socket } = response;
    // Left alone, Node holds the parts of a chunk back until all callbacks of this turn have run.
    socket?.cork();
    response.write(`${JSON.stringify(line)}\n`);
    socket?.uncork();
  };
  const tell = (news: HolderNews): void => {
    if (response.writableEnded || response.destroyed) return;
    if (response.writableLength > mostUnreadBytes) {
      held.leave("unread");
      response.destroy();
      return;
    }
    write(newsLine(id, news, Date.now()));
    if (news.kind === "released") response.end();
  };
  const stop = (): void => {
    tell({ kind: "released", because: "stopping", bindings: held.bindings() });
    response.end();
  };

  response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
  response.flushHeaders();
  response.once("close", () => {
    signal.removeEventListener("abort", stop);
    held.leave();
  });
  write(grantedLine(held, Date.now()));
  held.follow(tell);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
}
