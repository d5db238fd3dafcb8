import { connect, createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPeerReader } from "../../src/daemon/peer.ts";
import type { PeerCredentials } from "../../src/daemon/read-access.ts";
import { until } from "../namespace/namespace.ts";
import { openTemporaryDirectory } from "./admin-client.ts";

test.skipIf(process.platform !== "linux" && process.platform !== "darwin")(
  "openPeerReader() tells who connected, and nothing once the connection is gone",
  async () => {
    using directory = openTemporaryDirectory();
    const path = join(directory.path, "s");
    const readPeer = await openPeerReader(process.platform);
    const seen: (PeerCredentials | null)[] = [];
    const server = createServer((socket) => {
      seen.push(readPeer(socket));
      socket.destroy();
      seen.push(readPeer(socket));
    }).listen(path);
    const client = connect({ path });
    await until("two answers", () => seen.length === 2);
    client.destroy();
    server.close();
    const { pid } = process;
    expect(seen).toEqual([{ pid, uid: process.getuid?.(), gid: process.getgid?.() }, null]);
  },
);

test("openPeerReader() knows nobody where the system does not tell", async () => {
  const readPeer = await openPeerReader("elsewhere");
  expect(readPeer(connect({ path: "/nonexistent" }).on("error", () => undefined))).toBe(null);
});
