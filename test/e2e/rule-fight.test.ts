import type { ChildProcess } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EventLine } from "../../src/admin-api/event-schema.ts";
import { until } from "../namespace/namespace.ts";
import type { EventFollower } from "./daemon-process.ts";
import { type ManagedHost, manageHost } from "./managed-host.ts";
import { openTwoUplinks, type TwoUplinks } from "./uplinks.ts";

describe.skipIf(process.platform !== "linux")(
  "somebody who takes our rules away",
  { timeout: 60_000 },
  () => {
    let uplinks: TwoUplinks;
    let managed: ManagedHost;
    let opponent: ChildProcess | null;

    beforeEach(async () => {
      uplinks = await openTwoUplinks();
      managed = manageHost(uplinks.host);
      opponent = null;
      uplinks.host.ip("route add default via 10.0.0.1 dev up0 metric 100");
      await until("no tentative address", () => uplinks.host.ip("-6 addr show tentative") === "");
    });
    afterEach(() => {
      opponent?.kill("SIGKILL");
      managed?.[Symbol.dispose]();
      uplinks?.[Symbol.dispose]();
    });

    const rules = (): string => uplinks.host.ip("rule list");
    const fightIn = ({ lines }: EventFollower): Extract<EventLine, { kind: "fight" }> | undefined =>
      lines.find((event) => event.kind === "fight");

    test("a flush in a loop is a fight: netwatch stops, says so, and goes on when it is asked", async () => {
      await using daemon = await managed.start();
      using events = daemon.follow();
      opponent = uplinks.host.spawn("sh", [
        "-c",
        "while :; do ip rule flush proto 199; sleep 0.1; done",
      ]);
      await until("the fight", () => fightIn(events) !== undefined, 30_000);
      expect(fightIn(events)).toMatchObject({
        interface: "up0",
        family: "ipv4",
        meaning: expect.stringMatching(/^.*(ip \(pid|netlink port) \d+\) .*took it away 5 times/),
      });
      const state = async (): Promise<string | undefined> =>
        (await daemon.status()).scoped.find(({ family }) => family === "ipv4")?.state;
      expect(await state()).toBe("fight");
      opponent.kill("SIGKILL");
      uplinks.host.ip("rule flush proto 199");
      expect(rules()).not.toContain("up0");
      expect(await daemon.netwatch("routes", "install", "up0")).toMatchObject({ code: 0 });
      expect(rules()).toContain("oif up0 lookup 5100");
      expect(await state()).toBe("installed");
    });

    test("a program that lives is named with its pid, and what netwatch itself removes is no undo", async () => {
      await using daemon = await managed.start();
      using events = daemon.follow();
      for (const verb of ["remove", "install", "remove", "install", "remove", "install"])
        await daemon.netwatch("routes", verb, "up0");
      const living = uplinks.host.spawn("ip", ["-force", "-batch", "-"]);
      opponent = living;
      // As long as what `ip` reads at once.
      const line = `${"rule del pref 5101 oif up0 lookup 5100 proto 199".padEnd(8191)}\n`;
      let removals = 0;
      await until(
        "the fight",
        () => {
          if (fightIn(events) !== undefined) return true;
          if (rules().includes("oif up0 lookup 5100")) {
            removals += 1;
            living.stdin?.write(line);
          }
          return false;
        },
        30_000,
      );
      expect(removals).toBeGreaterThanOrEqual(5);
      expect(fightIn(events)?.meaning).toMatch(
        new RegExp(`^ip \\(pid ${living.pid}\\) took it away 5 times`),
      );
    });
  },
);
