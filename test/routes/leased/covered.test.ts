import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PlatformError } from "../../../src/platform/platform-error.ts";
import { link } from "../memory-host.ts";
import { type LeasedHost, leased, leasedHost } from "./leased-host.ts";

let own: LeasedHost;

beforeEach(async () => {
  own = await leasedHost();
});
afterEach(async () => {
  await own[Symbol.asyncDispose]();
});

describe.each(["ipv4", "ipv6"] as const)("what stands in %s", (family) => {
  const first = leased({ family });
  const second = leased({ lease: "b", family, interfaceName: "tun1" });
  const ours = (): readonly string[] =>
    own.routes(family).filter((route) => route.endsWith("ours"));
  /** Looks at what stands before each request, and refuses defaults over an interface. */
  const watch = (look: () => void, index = -1): void => {
    own.host.control.controls.before = (request) => {
      look();
      if (request.kind === "add-route" && request.route.interfaceIndex === index)
        throw new PlatformError("rejected", "add the route", new Error("no"));
    };
  };

  beforeEach(async () => {
    own.host.platform.controls.setInterface(
      link(10, "tun1", ["10.8.0.2/24", "fd01::2/64"], { kind: "tunnel" }),
    );
    await own.follow();
  });

  describe.each(["metric", "split", "displace"] as const)("by %s", (mode) => {
    test("goes only when what covers it stands, and is back before that goes", async () => {
      await own.lease({ ...first, mode });
      let fewest = Number.POSITIVE_INFINITY;
      watch(() => {
        fewest = Math.min(fewest, ours().length);
      });
      await own.lease({ ...first, mode }, { ...second, mode });
      expect(ours().every((route) => route.includes("tun1"))).toBe(true);
      await own.lease({ ...first, mode });
      expect(ours().every((route) => route.includes("tun0"))).toBe(true);
      expect(fewest).toBe(mode === "split" ? 2 : 1);
    });

    test("stays when the system refuses what shall cover it", async () => {
      await own.lease({ ...first, mode, onLost: "block" });
      const alone = ours();
      const missed = new Set<string>();
      watch(() => {
        for (const route of alone) if (!ours().includes(route)) missed.add(route);
      }, 10);
      await own.lease({ ...first, mode, onLost: "block" }, { ...second, mode });
      expect(own.states()).toEqual([`a ${family} stands`, `b ${family} refused`]);
      expect(ours()).toEqual(alone);
      expect([...missed]).toEqual([]);
    });
  });

  test.each(["metric", "split", "displace"] as const)(
    "by %s and blocks lets nothing out when what covers it dies",
    async (mode) => {
      const blocking = { ...first, mode, onLost: "block" } as const;
      await own.lease(blocking, { ...second, mode });
      expect(own.states()).toEqual([`a ${family} covered`, `b ${family} stands`]);
      own.host.platform.controls.removeInterface(10);
      // Before anybody has heard of it.
      expect(own.routes(family)[0]).toContain("unreachable");
      const out = new Set<string>();
      watch(() => {
        const [best = "nothing"] = own.routes(family);
        if (!best.endsWith("ours")) out.add(best);
      });
      await own.follow();
      expect([...out]).toEqual([]);
      expect(own.states()).toEqual([`a ${family} stands`, `b ${family} lost`]);
      expect(own.routes(family)[0]).toContain("tun0");
      await own.lease();
      expect(ours()).toEqual([]);
    },
  );

  test.each(["metric", "split", "displace"] as const)(
    "by %s blocks as soon as somebody asks for that, and as long",
    async (mode) => {
      await own.lease({ ...first, mode });
      const alone = ours();
      await own.lease({ ...first, mode, onLost: "block" });
      expect(own.states()).toEqual([`a ${family} stands`]);
      own.host.platform.controls.removeInterface(9);
      expect(own.routes(family)[0]).toContain("unreachable");
      own.host.platform.controls.setInterface(
        link(9, "tun0", ["10.9.0.2/24", "fd00::2/64"], { kind: "tunnel" }),
      );
      await own.follow();
      await own.lease({ ...first, mode });
      expect(own.states()).toEqual([`a ${family} stands`]);
      expect(ours().filter((route) => route.includes("unreachable"))).toEqual([]);
      expect(ours()).toHaveLength(alone.length);
    },
  );

  test("comes back when the system takes no default for a lease that displaces it any more", async () => {
    await own.lease({ ...first, mode: "displace" });
    watch(() => undefined, 13);
    own.host.platform.controls.removeInterface(9);
    own.host.platform.controls.setInterface(
      link(13, "tun0", ["10.9.0.2/24", "fd00::2/64"], { kind: "tunnel" }),
    );
    await own.follow();
    expect(own.states()).toEqual([`a ${family} refused`]);
    expect(own.routes(family)).toEqual(
      family === "ipv4"
        ? ["0.0.0.0/0 eth0 100 theirs", "0.0.0.0/0 wlan0 600 theirs"]
        : ["::/0 eth0 1024 theirs"],
    );
  });
});
