import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openNamespace, until } from "../namespace/namespace.ts";
import { startDaemon } from "./daemon-process.ts";

const refuseNetlink = fileURLToPath(new URL("refuse-netlink.mjs", import.meta.url));

describe.skipIf(process.platform !== "linux")("a daemon that the kernel refuses netlink", () => {
  test("says so in its log, in status and by its health, and keeps trying", async () => {
    using host = await openNamespace();
    await using daemon = await startDaemon(host, { nodeArgs: ["--import", refuseNetlink] });
    const status = await daemon.status();
    expect(status.daemon.health).toBe("degraded");
    expect(status.source.alive).toBe(false);
    expect(status.daemon.reasons.join("\n")).toMatch(/netlink socket.*EPERM/);
    expect(daemon.log()).toMatch(/netlink socket.*EPERM/);
    const text = await daemon.netwatch("status");
    expect(text.stdout.split("\n")[0]).toMatch(/netlink socket.*EPERM/);
    expect(daemon.child.exitCode).toBeNull();
  });

  test("stops at once when told to", async () => {
    using host = await openNamespace();
    await using daemon = await startDaemon(host, { nodeArgs: ["--import", refuseNetlink] });
    await until("the refusal", () => daemon.log().includes("EPERM"));
    expect(await daemon.stop("SIGTERM")).toBe(0);
  });
});
