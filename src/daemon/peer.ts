import type { Socket } from "node:net";
import type { ReadPeer } from "./read-access.ts";

/** The way of this system to learn who is at the other end of a Unix socket; always null where there is none yet. */
export async function openPeerReader(platform: string): Promise<ReadPeer> {
  if (platform !== "linux") return () => null;
  const { readPeerCredentials } = await import("../../native-bindings/linux/peer-credentials.ts");
  return (socket) => {
    const fd = descriptorOf(socket);
    return fd === null ? null : readPeerCredentials(fd);
  };
}

// Node shows the number of a socket's descriptor nowhere but on the handle (lib/net.js).
function descriptorOf(socket: Socket): number | null {
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: unknown } | null };
  return typeof handle?.fd === "number" && handle.fd >= 0 ? handle.fd : null;
}
