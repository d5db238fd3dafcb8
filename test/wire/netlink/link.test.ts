import { expect, test } from "vitest";
import { bytesAttribute, encodeAttributes } from "../../../src/wire/netlink/attribute.ts";
import { decodeLink, encodeIfinfomsg } from "../../../src/wire/netlink/link.ts";
import {
  ARPHRD_ETHER,
  ARPHRD_LOOPBACK,
  ARPHRD_NONE,
  IF_OPER_DOWN,
  IF_OPER_LOWERLAYERDOWN,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
  IFF_BROADCAST,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_NOARP,
  IFF_POINTOPOINT,
  IFF_RUNNING,
  IFF_UP,
  IFLA_PARENT_DEV_NAME,
  IFLA_PERM_ADDRESS,
} from "../../../src/wire/netlink/link-constants.ts";
import { AF_BRIDGE, RTM_DELLINK } from "../../../src/wire/netlink/message-constants.ts";
import { stringAttribute } from "../../../src/wire/netlink/text-attribute.ts";
import { goldenMessage, hex } from "./golden.ts";

const multicast = 0x1000; // IFF_MULTICAST

test("decodeLink() reads the loopback", () => {
  expect(decodeLink(goldenMessage("link-loopback").body)).toMatchObject({
    family: 0,
    type: ARPHRD_LOOPBACK,
    index: 1,
    flags: IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_LOWER_UP,
    ifname: "lo",
    address: hex("000000000000"),
    mtu: 65536,
    operstate: IF_OPER_UNKNOWN,
    carrier: true,
    kind: null,
    slaveKind: null,
    link: null,
    linkNetnsid: null,
    master: null,
    group: 0,
    permAddress: null,
    parentDevName: null,
  });
});

test("decodeLink() reads a veth whose peer is in another namespace", () => {
  expect(decodeLink(goldenMessage("link-veth-up").body)).toMatchObject({
    type: ARPHRD_ETHER,
    index: 12,
    flags: IFF_UP | IFF_BROADCAST | IFF_RUNNING | multicast | IFF_LOWER_UP,
    ifname: "eth2",
    address: hex("020000000012"),
    broadcast: hex("ffffffffffff"),
    mtu: 1500,
    operstate: IF_OPER_UP,
    carrier: true,
    kind: "veth",
    link: 13,
    linkNetnsid: 0,
    stats64: {
      rxPackets: 1,
      txPackets: 1,
      rxBytes: 90,
      txBytes: 90,
      rxErrors: 0,
      txErrors: 0,
      rxDropped: 0,
      txDropped: 0,
    },
  });
});

test("decodeLink() reads a link without carrier", () => {
  expect(decodeLink(goldenMessage("link-veth-no-carrier").body)).toMatchObject({
    index: 10,
    flags: IFF_UP | IFF_BROADCAST | multicast,
    ifname: "eth0",
    operstate: IF_OPER_LOWERLAYERDOWN,
    carrier: false,
    link: 11,
    linkNetnsid: null,
  });
});

test("decodeLink() reads a bridge and its port", () => {
  expect(decodeLink(goldenMessage("link-bridge-added").body)).toMatchObject({
    index: 20,
    ifname: "br0",
    kind: "bridge",
    operstate: IF_OPER_DOWN,
    master: null,
  });
  expect(decodeLink(goldenMessage("link-bridge-port").body)).toMatchObject({
    index: 14,
    ifname: "eth4",
    kind: "veth",
    slaveKind: "bridge",
    master: 20,
  });
});

test("decodeLink() reads a tun, which has no address", () => {
  expect(decodeLink(goldenMessage("link-tun-added").body)).toMatchObject({
    type: ARPHRD_NONE,
    flags: IFF_POINTOPOINT | IFF_NOARP | multicast,
    ifname: "tun0",
    kind: "tun",
    address: null,
    permAddress: null,
  });
});

test("decodeLink() tells a port that leaves its bridge from a link that is gone", () => {
  const deleted = [0, 1].map((at) => goldenMessage("link-deleted", at));
  expect(deleted.map(({ type }) => type)).toEqual([RTM_DELLINK, RTM_DELLINK]);
  const links = deleted.map(({ body }) => decodeLink(body));
  expect(links).toMatchObject([
    { family: AF_BRIDGE, index: 14, ifname: "eth4", master: 20 },
    { family: 0, index: 20, ifname: "br0" },
  ]);
});

test("decodeLink() keeps what it does not know, with its flags", () => {
  const { unknown } = decodeLink(goldenMessage("link-tun-added").body);
  const known = [1, 2, 3, 4, 5, 10, 16, 18, 23, 27, 33, 37, 54, 56];
  expect(unknown.filter(({ type }) => known.includes(type))).toEqual([]);
  expect(unknown.find(({ type }) => type === 13)).toEqual({
    type: 13,
    flags: 0,
    value: hex("f4010000"),
  });
});

test("decodeLink() holds no view of the receive buffer", () => {
  const body = goldenMessage("link-veth-up").body.slice();
  const link = decodeLink(body);
  body.fill(0);
  expect(link.address).toEqual(hex("020000000012"));
});

// No device here has them: hardware does. linux/if_link.h gives both as plain bytes and as text.
test("decodeLink() reads the permanent address and the parent device", () => {
  const body = encodeAttributes(
    [
      bytesAttribute(IFLA_PERM_ADDRESS, hex("020000000099")),
      stringAttribute(IFLA_PARENT_DEV_NAME, "0000:00:04.0"),
    ],
    encodeIfinfomsg(0, 2),
  );
  expect(decodeLink(body)).toMatchObject({
    index: 2,
    permAddress: hex("020000000099"),
    parentDevName: "0000:00:04.0",
    ifname: null,
    stats64: null,
  });
});
