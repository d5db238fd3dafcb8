import { describe, expect, test, vi } from "vitest";
import { openRouteWitness } from "../../../src/platform/linux/route-witness.ts";
import type { RouteEvidence } from "../../../src/platform/route-evidence.ts";
import {
  AF_INET,
  NLM_F_REPLACE,
  RTM_DELROUTE,
  RTM_NEWLINK,
  RTM_NEWROUTE,
} from "../../../src/wire/netlink/message-constants.ts";
import { emptyRoute, encodeRoute } from "../../../src/wire/netlink/route.ts";
import { RTN_UNICAST } from "../../../src/wire/netlink/route-constants.ts";

const route = { ...emptyRoute, family: AF_INET, type: RTN_UNICAST, table: 254, oif: 3 };
const owner = { portId: 7, pid: 7, command: "dhclient" };

function openWitness() {
  const ownerOf = vi.fn(() => owner);
  const witness = openRouteWitness(() => [], ownerOf);
  const hear = (type: number, flags = 0, body = encodeRoute(route)): void =>
    witness.hear(type, flags, 7, body, 0, body.length);
  return { witness, hear, ownerOf };
}

describe("openRouteWitness()", () => {
  test("looks at nothing while nobody listens", () => {
    const { witness, hear, ownerOf } = openWitness();
    hear(RTM_NEWROUTE);
    // Not even at a body that nobody could decode.
    hear(RTM_NEWROUTE, 0, new Uint8Array(2));
    const listening = witness.listen(() => {});
    listening[Symbol.dispose]();
    hear(RTM_NEWROUTE);
    expect(ownerOf).not.toHaveBeenCalled();
  });

  test("tells each listener, as often as it listens, what became of the route and who asked", () => {
    const { witness, hear } = openWitness();
    const heard: RouteEvidence[] = [];
    const listener = (evidence: RouteEvidence): void => void heard.push(evidence);
    using _one = witness.listen(listener);
    const other = witness.listen(listener);
    hear(RTM_NEWROUTE);
    other[Symbol.dispose]();
    hear(RTM_NEWROUTE, NLM_F_REPLACE);
    hear(RTM_DELROUTE);
    expect(heard.map(({ action }) => action)).toEqual(["added", "added", "replaced", "removed"]);
    expect(heard[0]).toMatchObject({ requester: owner, route: { interfaceIndex: 3, table: 254 } });
  });

  test("passes over other messages, longer prefixes and other families", () => {
    const { witness, hear, ownerOf } = openWitness();
    const listener = vi.fn();
    using _ = witness.listen(listener);
    hear(RTM_NEWLINK);
    hear(RTM_NEWROUTE, 0, encodeRoute({ ...route, dstLength: 8 }));
    expect(ownerOf).not.toHaveBeenCalled();
    hear(RTM_NEWROUTE, 0, encodeRoute({ ...route, family: 28 }));
    expect(listener).not.toHaveBeenCalled();
  });
});
