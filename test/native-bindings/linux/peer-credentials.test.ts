import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPeerCredentials } from "../../../native-bindings/linux/peer-credentials.ts";

describe.skipIf(process.platform !== "linux")("readPeerCredentials()", () => {
  test("tells the process and user that connected", async () => {
    const directory = mkdtempSync(join(tmpdir(), "peer-"));
    const path = join(directory, "socket");
    const server = createServer();
    server.listen(path);
    await once(server, "listening");
    const script = `require("node:net").connect(${JSON.stringify(path)}).resume()`;
    const client = execFile(process.execPath, ["-e", script]);
    try {
      const [socket] = (await once(server, "connection")) as [Socket];
      const fd: number = Reflect.get(Reflect.get(socket, "_handle") as object, "fd");
      expect(readPeerCredentials(fd)).toEqual({
        pid: client.pid,
        uid: process.getuid?.(),
        gid: process.getgid?.(),
      });
      socket.destroy();
    } finally {
      client.kill();
      server.close();
      rmSync(directory, { recursive: true });
    }
  });

  test("throws a typed error for what is no socket", () => {
    expect(() => readPeerCredentials(0xffff)).toThrow(
      "cannot read the peer's credentials: getsockopt: bad file descriptor (EBADF)",
    );
  });
});
