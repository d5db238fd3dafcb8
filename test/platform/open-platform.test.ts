import { describe, expect, test } from "vitest";
import { openPlatform } from "../../src/platform/open-platform.ts";

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

  test("says clearly what it cannot watch", async () => {
    await expect(openPlatform({ kind: "darwin" })).rejects.toMatchObject({
      name: "PlatformError",
      code: "unsupported",
      message: "cannot watch the network: netwatch does not know the routing socket of darwin yet",
    });
  });
});
