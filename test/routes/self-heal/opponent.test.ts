import { describe, expect, test } from "vitest";
import type { Requester } from "../../../src/platform/route-evidence.ts";
import { describeFight, distinctOpponents } from "../../../src/routes/self-heal/opponent.ts";

const told = (...requesters: readonly Requester[]): string => {
  const opponents = requesters.map((requester) => ({ requester, protocol: null }));
  return describeFight(distinctOpponents(opponents), 5);
};

describe("describeFight()", () => {
  test("names a program that nobody could look up by its protocol", () => {
    const requester = { portId: 4_000_000, pid: null, command: null };
    expect(describeFight(distinctOpponents([{ requester, protocol: "bird" }]), 5)).toMatch(
      /^a program whose routes are marked "bird" took it away 5 times/,
    );
  });

  test("tells of programs that nobody could look up as of one, by the newest port", () => {
    const ports = [3_000_000_000, 3_000_000_001, 3_000_000_002];
    expect(told(...ports.map((portId) => ({ portId, pid: null, command: null })))).toMatch(
      /^a program that cannot be named any more \(netlink port 3000000002\) took it away 5 times/,
    );
  });

  test("names each program once, whatever its pid, the newest first", () => {
    const pids = [100, 101, 102, 103, 104];
    const command = (pid: number): string => (pid === 102 ? "mwan3" : "ip");
    expect(told(...pids.map((pid) => ({ portId: pid, pid, command: command(pid) })))).toMatch(
      /^ip \(pid 104\) and mwan3 \(pid 102\) took/,
    );
  });
});
