import type { Socket } from "node:net";
import type { PeerCredentials, ReadPeer } from "./read-access.ts";

/** The way of this system to learn who is at the other end of a Unix socket; always null where there is none. */
export async function openPeerReader(platform: string): Promise<ReadPeer> {
  const readCredentials = await credentialsReader(platform);
  return (socket) => {
    const fd = descriptorOf(socket);
    return fd === null ? null : readCredentials(fd);
  };
}

async function credentialsReader(
  platform: string,
): Promise<(fd: number) => PeerCredentials | null> {
  switch (platform) {
    case "linux": {
      const linux = await import("../../native-bindings/linux/peer-credentials.ts");
      return linux.readPeerCredentials;
    }
    case "darwin": {
      const darwin = await import("../../native-bindings/darwin/peer-credentials.ts");
      return darwin.readPeerCredentials;
    }
    default:
      return () => null;
  }
}

// Node shows the number of a socket's descriptor nowhere but on the handle (lib/net.js).
function descriptorOf(socket: Socket): number | null {
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: unknown } | null };
  return typeof handle?.fd === "number" && handle.fd >= 0 ? handle.fd : null;
}
