import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hintsOf, isCredible } from "../../../src/platform/darwin/message-hint.ts";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import { RTM } from "../../../src/wire/pfroute/constants.ts";
import { recordedDatagrams } from "../../wire/pfroute/recordings.ts";

const typeNames = new Map<number, string>(Object.entries(RTM).map(([name, type]) => [type, name]));

/** The doors of every recorded message whose scenario's name begins so: `IFINFO: 2 ipv4 ipv6`. */
function recordedHints(scenario: string): ReadonlySet<string> {
  const lines = recordedDatagrams()
    .filter(({ where, bytes }) => where.startsWith(scenario) && isCredible(bytes))
    .map(({ bytes }) => {
      const doors = hintsOf(bytes).map((hint) => {
        if (hint.kind === "interface") return hint.index;
        return hint.kind === "defaults" ? hint.family : hint.kind;
      });
      return `${typeNames.get(bytes[3] ?? 0) ?? bytes[3]}: ${doors.join(" ") || "-"}`;
    });
  return new Set(lines);
}

describe("hintsOf() of what XNU said", () => {
  test("when an address came and went: its interface and the defaults of its family", () => {
    expect(recordedHints("addr4_en0[")).toEqual(
      new Set([
        "NEWADDR: 2 ipv4",
        "ADD: -",
        "NEWMADDR: -",
        "DELETE: -",
        "DELADDR: 2 ipv4",
        "DELMADDR: -",
        "IFINFO: 2 ipv4 ipv6",
      ]),
    );
    expect(recordedHints("addr6_en0[")).toContain("NEWADDR: 2 ipv6");
    expect(recordedHints("addr6_en0[")).toContain("DELADDR: 2 ipv6");
  });

  test("when an interface went down and up: that interface, and both families", () => {
    const hints = recordedHints("life_ifdown[");
    expect(hints).toContain("IFINFO: 2 ipv4 ipv6");
    expect(hints).toContain("DELADDR: 2 ipv4");
  });

  test("of defaults: those of the family, of a refused one nothing", () => {
    const hints = recordedHints("default4_unscoped[");
    expect([...hints].sort()).toEqual([
      "ADD: -",
      "ADD: ipv4",
      "DELETE: -",
      "DELETE: ipv4",
      "GET: -",
    ]);
    expect(recordedHints("default6[")).toContain("ADD: ipv6");
    expect(recordedHints("change4[")).toContain("CHANGE: ipv4");
  });

  test("of groups and look-ups: nothing", () => {
    expect(recordedHints("maddr[")).toEqual(new Set(["NEWMADDR: -", "DELMADDR: -"]));
  });
});

describe("isCredible()", () => {
  test("is true of everything that the kernel made", () => {
    const made = recordedDatagrams().filter(({ where }) => !/^(malformed|spoof)/.test(where));
    expect(made.length).toBeGreaterThan(500);
    expect(made.filter(({ bytes }) => !isCredible(bytes))).toEqual([]);
  });

  test("is false of what an unprivileged process made look like a message of the kernel's", () => {
    const forged = recordedDatagrams().filter(
      ({ where, bytes }) =>
        where.startsWith("spoof") && ((bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)) !== bytes.length,
    );
    expect(forged.length).toBeGreaterThan(0);
    expect(forged.filter(({ bytes }) => isCredible(bytes))).toEqual([]);
  });

  test.each([
    ["no bytes", []],
    ["a length alone", [4, 0]],
    ["a header that is cut", [8, 0, 5, RTM.IFINFO, 0, 0, 0, 0]],
  ])("is false of %s", (_what, bytes) => {
    expect(isCredible(Uint8Array.from(bytes))).toBe(false);
  });
});

test("hintsOf() looks into no message of a type that tells nothing", () => {
  for (const type of [RTM.MISS, RTM.GET, RTM.LOSING, RTM.REDIRECT, RTM.NEWMADDR, 99])
    expect(hintsOf(Uint8Array.of(0xff, 0xff, 0xff, type))).toEqual([]);
});

test("hintsOf() of any bytes gives doors or a DecodeError", () => {
  const changed = fc
    .tuple(
      fc.constantFrom(...recordedDatagrams().map(({ bytes }) => bytes)),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    )
    .map(([bytes, changes]) => {
      const copy = bytes.slice();
      for (const [at, value] of changes) copy[at % Math.max(1, copy.length)] = value;
      return copy;
    });
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        for (const hint of hintsOf(bytes)) expect(hint.kind).toMatch(/^(interface|defaults)$/);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
