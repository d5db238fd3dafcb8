import type { Socket } from "node:net";
import { AdminError, rawAnswer } from "./admin-error.ts";

/** What one admin server bears. */
export interface ConnectionLimits {
  /** Connections that are served at once; what comes above is refused with 503. */
  readonly served: number;
  /** More of them, for those who may change routes: nobody else shall keep them from it. */
  readonly reserved: number;
  /** Connections at all, the refused ones that still read their answer included; what comes above is dropped. */
  readonly accepted: number;
  /** The time to send a request and to read its answer; streams are exempt once they began. */
  readonly exchangeMs: number;
  /** The time to read a refusal. */
  readonly lingerMs: number;
}

export const connectionLimits: ConnectionLimits = {
  served: 128,
  reserved: 32,
  accepted: 640,
  exchangeMs: 5_000,
  lingerMs: 1_000,
};

/** Keeps connections within their number and time. */
export interface ConnectionGuard {
  /** Takes a new connection in, or refuses it. */
  admit(socket: Socket): void;
  /** False for one that was refused: its request needs no answer. */
  isServed(socket: Socket): boolean;
  /** Lets a connection last: it has become a stream. */
  exempt(socket: Socket): void;
  /** Tells a peer whose bytes are no request, and closes. */
  refuse(socket: Socket, error: AdminError, reasonPhrase: string): void;
  /** Closes all connections that have no answer under way, and the others when `graceMs` are over. */
  close(graceMs: number): Promise<void>;
}

/**
 * Opens a guard; it keeps a timer for each connection that is not a stream, and none when there is none.
 *
 * @param mayChange whether the peer may change routes; asked when nobody else would be served any more
 */
export function openConnectionGuard(
  limits: ConnectionLimits,
  mayChange: (socket: Socket) => boolean,
): ConnectionGuard {
  const served = new Map<Socket, NodeJS.Timeout | null>();
  const refused = new Map<Socket, NodeJS.Timeout>();

  const forget = (socket: Socket): void => {
    clearTimeout(served.get(socket) ?? refused.get(socket));
    served.delete(socket);
    refused.delete(socket);
  };

  const refuse = (socket: Socket, error: AdminError, reasonPhrase: string): void => {
    forget(socket);
    // An answer that has begun cannot be taken back.
    if (socket.bytesWritten > 0 || !socket.writable) {
      socket.destroy();
      return;
    }
    refused.set(
      socket,
      setTimeout(() => socket.destroy(), limits.lingerMs),
    );
    socket.once("close", () => forget(socket));
    socket.end(rawAnswer(error, reasonPhrase));
    // A socket that is closed with bytes unread resets its peer, who may then not see the answer (unix(7)).
    socket.resume();
    socket.once("end", () => socket.destroySoon());
  };

  const tooSlow = (socket: Socket): void =>
    refuse(
      socket,
      new AdminError(
        408,
        "timeout",
        `the request was not complete within ${limits.exchangeMs} ms`,
        "send it whole, and read the answer at once",
      ),
      "Request Timeout",
    );

  const hasRoomFor = (socket: Socket): boolean =>
    served.size < limits.served ||
    (served.size < limits.served + limits.reserved && mayChange(socket));

  return {
    admit: (socket) => {
      // A peer that leaves in the middle of something is nobody's error.
      socket.on("error", () => socket.destroy());
      if (!hasRoomFor(socket)) {
        const message = `${limits.served} connections are open already`;
        const error = new AdminError(503, "too-many-connections", message, "try again later");
        refuse(socket, error, "Service Unavailable");
        return;
      }
      served.set(
        socket,
        setTimeout(() => tooSlow(socket), limits.exchangeMs),
      );
      socket.once("close", () => forget(socket));
    },
    isServed: (socket) => served.has(socket),
    exempt: (socket) => {
      clearTimeout(served.get(socket) ?? undefined);
      served.set(socket, null);
    },
    refuse,
    close: async (graceMs) => {
      for (const socket of [...served.keys(), ...refused.keys()])
        if (socket.bytesWritten === 0) socket.destroy();
      const open = [...served.keys(), ...refused.keys()].filter((socket) => !socket.closed);
      const closed = Promise.all(
        open.map((socket) => new Promise((resolve) => socket.once("close", resolve))),
      );
      const timer = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
