import { expect, test } from "vitest";
import { type LeasedHost, leased, leasedHost } from "./leased-host.ts";

/** Lives until the process dies before the kernel's n-th change; false when it never came to that. */
async function liveUntil(own: LeasedHost, changes: number): Promise<boolean> {
  let left = changes;
  own.host.control.controls.before = ({ kind }) => {
    if (kind === "read" || kind === "solicit") return;
    left -= 1;
    // Nothing after it reaches the kernel either.
    if (left <= 0) throw new Error("the process is dead");
  };
  const block = leased({ onLost: "block", endpoints: ["203.0.113.7"], mode: "displace" });
  const split = leased({ lease: "b", family: "ipv6", mode: "split" });
  const above = leased({ lease: "c", interfaceName: "wlan0", gateway: "10.1.0.1" });
  const steps = [[block], [block, split], [block, split, above], [split, above], [split], []];
  try {
    for (const step of steps) await own.lease(...step);
  } catch {
    // As a dead process would.
  }
  own.host.control.controls.before = () => undefined;
  await own.crash();
  return left <= 0;
}

test("restore gives exactly the routing of before, after a kill before any change that leases make", async () => {
  let died = true;
  let lives = 0;
  for (; died; lives += 1) {
    const own = await leasedHost();
    const before = own.host.snapshot() as { ipv4: unknown; ipv6: unknown };
    died = await liveUntil(own, lives + 1);
    expect(await own.host.restore()).toMatchObject({ kind: "done" });
    const after = own.host.snapshot() as typeof before;
    // The scoped defaults go with a restore; they stood before.
    expect({ ipv4: after.ipv4, ipv6: after.ipv6 }).toEqual({
      ipv4: before.ipv4,
      ipv6: before.ipv6,
    });
    expect(after).toMatchObject({ scoped: [], rules: [] });
    expect(own.host.control.hosts()).toEqual([]);
  }
  // It would prove nothing if it never died.
  expect(lives).toBeGreaterThan(20);
}, 60_000);
