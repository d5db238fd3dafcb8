import { describe, expect, test } from "vitest";
import { candidateTables } from "../../../src/platform/linux/candidate-tables.ts";
import { emptyRule, type RuleMessage } from "../../../src/wire/netlink/rule.ts";

const toTable = (table: number, more: Partial<RuleMessage> = {}): RuleMessage => ({
  ...emptyRule,
  family: 2,
  action: 1,
  table,
  ...more,
});

describe("candidateTables()", () => {
  test("of the kernel's own rules: main and default, never local", () => {
    expect(candidateTables([toTable(255), toTable(254), toTable(253)], 199)).toEqual([254, 253]);
  });

  test("main stands even where no rule names it", () => {
    expect(candidateTables([], 199)).toEqual([254]);
  });

  test.each<[string, Partial<RuleMessage>, boolean]>([
    ["without a selector", {}, true],
    ["to a destination", { dstLength: 1, dst: Uint8Array.of(128, 0, 0, 0) }, true],
    ["for a user", { uidRange: { start: 0, end: 10 } }, true],
    ["from lo", { iifname: "lo" }, true],
    ["for mark 0", { fwmark: 0, fwmask: 0xff }, true],
    ["for a mark that the mask leaves out", { fwmark: 0x100, fwmask: 0xff }, true],
    ["for all but a mark, as wg-quick does", { flags: 2, fwmark: 51_820 }, true],
    ["for a mark", { fwmark: 51_820, fwmask: 0xffff_ffff }, false],
    ["for forwarded packets", { iifname: "eth0" }, false],
    ["for sockets bound to a device", { oifname: "eth0" }, false],
    ["from an address", { srcLength: 32, src: Uint8Array.of(10, 0, 0, 1) }, false],
    ["of a VRF", { l3mdev: 1 }, false],
    ["of our own", { protocol: 199 }, false],
    ["that is no table", { action: 7, table: 0 }, false],
  ])("a rule %s", (_what, selector, reached) => {
    expect(candidateTables([toTable(1000, selector)], 199).includes(1000)).toBe(reached);
  });
});
