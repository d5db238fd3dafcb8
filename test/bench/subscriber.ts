import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { EventLine } from "../../src/admin-api/event-schema.ts";

/** A subscriber of the admin socket that notes when each line came. */
export interface Subscriber extends Disposable {
  /** Resolves with the time (performance.now()) at which the next event that fits arrives. */
  next(fits: (line: EventLine) => boolean): Promise<number>;
}

export async function subscribe(socketPath: string): Promise<Subscriber> {
  const call = request({ socketPath, path: "/v1/events?follow=true" }).end();
  const [answer] = (await once(call, "response")) as [IncomingMessage];
  let waiting: { fits: (line: EventLine) => boolean; resolve: (at: number) => void } | null = null;
  answer.setEncoding("utf8").on("data", (text: string) => {
    const at = performance.now();
    for (const line of text.split("\n").filter(Boolean)) {
      if (waiting?.fits(JSON.parse(line) as EventLine) !== true) continue;
      waiting.resolve(at);
      waiting = null;
    }
  });
  return {
    next: (fits) =>
      new Promise((resolve) => {
        waiting = { fits, resolve };
      }),
    [Symbol.dispose]: () => void call.destroy(),
  };
}
