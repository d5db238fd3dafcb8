import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { eventFilter } from "../../../src/platform/linux/event-filter.ts";
import { encodeMessage } from "../../../src/wire/netlink/message.ts";
import { RTM_DELROUTE, RTM_NEWROUTE } from "../../../src/wire/netlink/message-constants.ts";
import { encodeProbe } from "../../../src/wire/netlink/request.ts";
import { emptyRoute, encodeRoute } from "../../../src/wire/netlink/route.ts";
import { runBpf } from "./bpf-interpreter.ts";
import { recordedMessages } from "./recorded-messages.ts";

const tag = 199;
const filter = eventFilter(tag);
const passes = (bytes: Uint8Array): boolean => runBpf(filter, bytes) > 0;

/** What the filter is for, in other words than its program. */
function concerns(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const type = view.getUint16(4, true);
  if (type !== RTM_NEWROUTE && type !== RTM_DELROUTE) return true;
  return view.getUint8(17) <= 7 || view.getUint8(21) === tag;
}

describe("eventFilter()", () => {
  test.each(recordedMessages())("decides on %s as recorded from a kernel", (_name, bytes) => {
    expect(passes(bytes)).toBe(concerns(bytes));
  });

  test.each([
    [0, 4, true],
    [1, 4, true],
    [7, 4, true],
    [8, 4, false],
    [24, 2, false],
    [128, 9, false],
    [24, tag, true],
    [128, tag, true],
  ])("of routes, /%i of protocol %i passes: %s", (dstLength, protocol, expected) => {
    const body = encodeRoute({ ...emptyRoute, family: 2, dstLength, protocol });
    for (const type of [RTM_NEWROUTE, RTM_DELROUTE])
      expect(passes(encodeMessage({ type, flags: 0, seq: 1, pid: 0, body }))).toBe(expected);
  });

  test("acknowledgements and other headers without a body pass", () => {
    expect(passes(encodeProbe(1))).toBe(true);
    const error = encodeProbe(1);
    for (const type of [2, 3, 4]) {
      error[4] = type;
      expect(passes(error)).toBe(true);
    }
  });

  propertyTest.prop([
    fc.uint8Array({ minLength: 28, maxLength: 64 }),
    fc.option(fc.constantFrom(RTM_NEWROUTE, RTM_DELROUTE)),
  ])("agrees with its purpose on any message that has a route's header", (bytes, type) => {
    if (type !== null) bytes.set([type, 0], 4);
    expect(passes(bytes)).toBe(concerns(bytes));
  });
});
