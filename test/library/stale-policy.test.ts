import { expect, test } from "vitest";
import { maySignalStale, StaleBindingError } from "../../src/library/stale-binding-error.ts";
import { fateOf } from "../../src/library/stale-policy.ts";

const stream = { canFollow: false, canFallBack: false };
const server = { canFollow: true, canFallBack: false };
const datagrams = { canFollow: true, canFallBack: true };

test.each([
  ["fail", "down", "end", "end", "end"],
  ["wait", "down", "keep", "keep", "keep"],
  ["wait", "no-carrier", "keep", "keep", "keep"],
  ["wait", "gone", "end", "end", "end"],
  ["wait", "moved", "end", "end", "end"],
  ["rebind", "down", "keep", "keep", "keep"],
  ["rebind", "gone", "end", "keep", "keep"],
  ["rebind", "moved", "end", "keep", "keep"],
  ["fallback", "down", "end", "end", "unbind"],
  ["fallback", "gone", "end", "end", "unbind"],
] as const)("fateOf() by %s when %s", (policy, because, ...fates) => {
  expect([stream, server, datagrams].map((one) => fateOf(policy, because, one))).toEqual(fates);
});

test("maySignalStale() knows what a kernel says of devices, addresses and routes that are not there", () => {
  const error = (code: string): Error => Object.assign(new Error(code), { code });
  const suspects = ["ENODEV", "ENXIO", "EADDRNOTAVAIL", "ENETUNREACH", "EHOSTUNREACH", "ENETDOWN"];
  expect(suspects.map((code) => maySignalStale(error(code)))).not.toContain(false);
  expect(
    ["ECONNREFUSED", "ETIMEDOUT", "EPERM"].map((code) => maySignalStale(error(code))),
  ).not.toContain(true);
  expect(maySignalStale("ENODEV")).toBe(false);
});

test("StaleBindingError says what could not be done, and why", () => {
  const subject = { interface: "wlan0", index: 3, generation: 2 };
  const cause = new Error("connect ENETUNREACH");
  const error = new StaleBindingError("connect to 192.0.2.1:443", subject, "moved", cause);
  expect(error).toMatchObject({ ...subject, code: "stale-binding", because: "moved", cause });
  expect(error.message).toBe(
    "cannot connect to 192.0.2.1:443: wlan0 is not the interface that it was",
  );
});
