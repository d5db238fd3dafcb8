import { isIPv4 } from "node:net";

/** Where metrics are served. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * The address in a text such as `127.0.0.1:9797`, `[::1]:9797` or `localhost:9797`; null when it is none, or not of
 * this host alone. `localhost` is 127.0.0.1, whatever a resolver would say. Port 0 is any that is free.
 */
export function parseListenAddress(text: string): ListenAddress | null {
  const found = /^(?:\[(::1)\]|([\d.]+|localhost)):(\d{1,5})$/.exec(text);
  if (found === null) return null;
  const [, six, four = "", digits] = found;
  const port = Number(digits);
  const host = six ?? (four === "localhost" ? "127.0.0.1" : four);
  if (port > 65_535 || (six === undefined && !isLoopback(host))) return null;
  return { host, port };
}

// The whole of 127.0.0.0/8 is loopback (RFC 1122, 3.2.1.3).
function isLoopback(host: string): boolean {
  return isIPv4(host) && host.startsWith("127.");
}
