import { describe, expect, test } from "vitest";
import { DARWIN } from "../../../native-bindings/darwin/constants.ts";
import { IFMEDIAREQ } from "../../../native-bindings/darwin/interface-media.ts";
import { XUCRED } from "../../../native-bindings/darwin/peer-credentials.ts";

// As the compiler gave them for xnu-11417.121.6, the same on arm64 and x86_64.
const recorded: Partial<Record<keyof typeof DARWIN, number>> = {
  AF_ROUTE: 17,
  AF_INET: 2,
  SOCK_RAW: 3,
  SOCK_DGRAM: 2,
  MSG_DONTWAIT: 128,
  SOL_SOCKET: 65535,
  SO_USELOOPBACK: 64,
  SO_RCVBUF: 4098,
  IP_BOUND_IF: 25,
  IPV6_BOUND_IF: 125,
  SIOCGIFMEDIA: 3224135992,
  IFNAMSIZ: 16,
  EINTR: 4,
  ENOMEM: 12,
  EAGAIN: 35,
  ENOBUFS: 55,
};

describe("DARWIN", () => {
  test("is what the compiler gave", () => {
    expect(DARWIN).toMatchObject(recorded);
  });

  test("holds nothing that was not recorded but what is read from sys/socket.h, sys/un.h, netinet/in.h and netinet6/in6.h", () => {
    const unrecorded = Object.keys(DARWIN).filter((name) => !(name in recorded));
    expect(unrecorded).toEqual([
      "AF_INET6",
      "SOCK_STREAM",
      "SO_REUSEADDR",
      "SOL_LOCAL",
      "LOCAL_PEERCRED",
      "LOCAL_PEERPID",
      "IPPROTO_IP",
      "IPPROTO_IPV6",
      "IPV6_MULTICAST_IF",
      "IPV6_MULTICAST_HOPS",
      "IPV6_V6ONLY",
    ]);
  });
});

test("IFMEDIAREQ has the size that the number of the ioctl carries", () => {
  // sys/ioccom.h: the length of the parameter stands in bits 16 to 28.
  expect(IFMEDIAREQ.size).toBe((DARWIN.SIOCGIFMEDIA >>> 16) & 0x1fff);
  const ints = ["current", "mask", "status", "active", "count"];
  const at = (name: string): number => DARWIN.IFNAMSIZ + ints.indexOf(name) * 4;
  expect([IFMEDIAREQ.currentAt, IFMEDIAREQ.statusAt]).toEqual([at("current"), at("status")]);
  expect(IFMEDIAREQ.size).toBe(DARWIN.IFNAMSIZ + ints.length * 4 + 8);
});

test("XUCRED is version, user, number of groups with its padding, and sixteen groups", () => {
  expect(XUCRED.size).toBe(4 + 4 + 4 + 16 * 4);
  expect([XUCRED.uidAt, XUCRED.groupCountAt, XUCRED.groupsAt]).toEqual([4, 8, 12]);
});
