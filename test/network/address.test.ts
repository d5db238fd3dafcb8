import { isIP } from "node:net";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { formatIpAddress, parseIpAddress } from "../../src/network/address.ts";

describe("formatIpAddress()", () => {
  // RFC 5952 sections 4 and 5, with its own examples.
  test.each([
    ["20010db8000000000000000000000001", "2001:db8::1"],
    ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"],
    ["20010db8000000000001000000000001", "2001:db8::1:0:0:1"],
    ["2001000000010000000000010aa01234", "2001:0:1::1:aa0:1234"],
    ["00000000000000000000000000000000", "::"],
    ["00000000000000000000000000000001", "::1"],
    ["fe800000000000000000000000000000", "fe80::"],
    ["00000000000000000000ffffc0000201", "::ffff:192.0.2.1"],
    ["0a000001", "10.0.0.1"],
  ])("writes %s as %s", (hex, text) => {
    expect(formatIpAddress(Uint8Array.from(Buffer.from(hex, "hex")))).toBe(text);
  });

  test("refuses other lengths", () => {
    expect(() => formatIpAddress(new Uint8Array(5))).toThrow(RangeError);
  });

  test.prop([fc.uint8Array({ minLength: 16, maxLength: 16 })])(
    "agrees with the URL parser",
    (bytes) => {
      const text = formatIpAddress(bytes);
      expect(isIP(text)).toBe(6);
      if (!text.includes(".")) expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
    },
  );
});

describe("parseIpAddress()", () => {
  test.each([
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "256.1.1.1",
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "g::",
    "fe80::1%eth0",
    "::1.2.3",
    "1.2.3.4::",
    "12345::",
  ])("refuses %j", (text) => {
    expect(parseIpAddress(text)).toBeNull();
  });

  test.prop([fc.oneof(fc.ipV4(), fc.ipV6())])("takes what the system takes", (text) => {
    const bytes = parseIpAddress(text);
    expect(bytes).not.toBeNull();
    expect(parseIpAddress(formatIpAddress(bytes ?? new Uint8Array()))).toEqual(bytes);
  });

  test.prop([fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.") })])(
    "never takes what the system refuses",
    (text) => {
      if (parseIpAddress(text) !== null) expect(isIP(text)).not.toBe(0);
    },
  );
});
