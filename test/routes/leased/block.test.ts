import { afterEach, beforeEach, expect, test } from "vitest";
import { PlatformError } from "../../../src/platform/platform-error.ts";
import { link } from "../memory-host.ts";
import { type LeasedHost, leased, leasedHost } from "./leased-host.ts";

let own: LeasedHost;
beforeEach(async () => {
  own = await leasedHost();
});
afterEach(() => own[Symbol.asyncDispose]());

/** The system takes no route over tun0 any more; before each request it is looked at what stands. */
function refuseTunnel(look: () => void = () => undefined): void {
  own.host.control.controls.before = (request) => {
    look();
    if (request.kind === "add-route" && request.route.interfaceIndex === 9)
      throw new PlatformError("rejected", "add the route", new Error("no such device"));
  };
}

test.each(["metric", "split", "displace"] as const)(
  "%s: blocks also while the routing is looked at before the end of the tunnel was heard of",
  async (mode) => {
    await own.lease(leased({ mode, onLost: "block", granted: true }));
    const leaks: string[] = [];
    const look = (): void => {
      const [first = ""] = own.routes("ipv4");
      if (!first.includes("unreachable")) leaks.push(first);
    };
    // The system has taken the routes away with their link, and tells of the link last.
    const never = new AbortController().signal;
    for (const record of (await own.host.control.read(never)).defaults)
      if (record.route.interfaceIndex === 9) await own.host.control.removeDefault(record, never);
    refuseTunnel(look);
    await own.keeper.look();
    await own.keeper.look();
    look();
    expect(own.states()).toEqual(["a ipv4 refused"]);
    own.host.platform.controls.removeInterface(9);
    await own.follow();
    look();
    expect(leaks).toEqual([]);
    expect(own.states()).toEqual(["a ipv4 blocked"]);
    own.host.platform.controls.setInterface(link(13, "tun0", ["10.9.0.2/24"], { kind: "tunnel" }));
    await own.follow();
    expect(own.states()).toEqual(["a ipv4 stands"]);
    expect(own.routes("ipv4")[0]).toContain("tun0");
  },
);

test("a lease that is new and refused blocks nothing", async () => {
  refuseTunnel();
  await own.lease(leased({ onLost: "block" }));
  expect(own.states()).toEqual(["a ipv4 refused"]);
  expect(own.routes("ipv4")[0]).not.toContain("unreachable");
});
