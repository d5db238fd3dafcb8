import { afterEach, describe, expect, test, vi } from "vitest";
import { openPlatform } from "../../src/platform/open-platform.ts";

afterEach(() => void vi.restoreAllMocks());

describe("openPlatform()", () => {
  test("opens memory when told to", async () => {
    await using platform = await openPlatform({ kind: "memory" });
    expect(platform.counters().kind).toBe("memory");
  });

  test.skipIf(process.platform !== "linux")(
    "opens the machine's own kernel by itself",
    async () => {
      await using platform = await openPlatform();
      expect(platform.counters().kind).toBe("netlink");
    },
  );

  test.skipIf(process.platform === "darwin")(
    "loads what a Mac needs anywhere, and opens it on a Mac only",
    async () => {
      await expect(openPlatform({ kind: "darwin" })).rejects.toMatchObject({
        name: "PlatformError",
        code: "unsupported",
        message: `cannot open the routing socket of a Mac: this machine runs ${process.platform}`,
      });
    },
  );

  test("says clearly what it cannot watch", async () => {
    vi.spyOn(process, "platform", "get").mockReturnValue("freebsd");
    await expect(openPlatform()).rejects.toMatchObject({
      name: "PlatformError",
      code: "unsupported",
      message: "cannot watch the network: netwatch does not know the routing socket of freebsd",
    });
  });
});
