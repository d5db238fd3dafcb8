import { expect, test } from "vitest";
import { decodeAddress } from "../../../src/wire/netlink/address.ts";
import {
  IFA_F_DEPRECATED,
  IFA_F_MANAGETEMPADDR,
  IFA_F_NODAD,
  IFA_F_PERMANENT,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
  INFINITY_LIFE_TIME,
} from "../../../src/wire/netlink/address-constants.ts";
import { AF_INET, AF_INET6, RTM_DELADDR } from "../../../src/wire/netlink/message-constants.ts";
import { RT_SCOPE_HOST, RT_SCOPE_LINK } from "../../../src/wire/netlink/route-constants.ts";
import { goldenMessage, ip } from "./golden.ts";

const forEver = { prefered: INFINITY_LIFE_TIME, valid: INFINITY_LIFE_TIME };

test("decodeAddress() reads an IPv4 address", () => {
  expect(decodeAddress(goldenMessage("address-ipv4").body)).toEqual({
    family: AF_INET,
    prefixLength: 24,
    flags: IFA_F_PERMANENT,
    scope: 0,
    index: 10,
    address: ip("10.0.0.2"),
    local: ip("10.0.0.2"),
    label: "eth0",
    broadcast: ip("10.0.0.255"),
    cacheinfo: { ...forEver, cstamp: 0x5d7a6, tstamp: 0x5d7a6 },
    proto: null,
    rtPriority: null,
    unknown: [],
  });
});

test("decodeAddress() reads a peer and a label", () => {
  expect(decodeAddress(goldenMessage("address-ipv4-peer-label").body)).toMatchObject({
    prefixLength: 32,
    address: ip("10.9.0.2"),
    local: ip("10.9.0.1"),
    label: "eth0:vpn",
    broadcast: null,
  });
});

test("decodeAddress() reads lifetimes and a route metric", () => {
  const added = goldenMessage("address-ipv4-lifetimes");
  const deleted = goldenMessage("address-ipv4-deleted");
  expect(decodeAddress(added.body)).toMatchObject({
    flags: 0,
    rtPriority: 50,
    cacheinfo: { prefered: 1800, valid: 3600 },
  });
  expect(deleted.type).toBe(RTM_DELADDR);
  expect(decodeAddress(deleted.body)).toEqual(decodeAddress(added.body));
});

test("decodeAddress() reads the loopback's address", () => {
  expect(decodeAddress(goldenMessage("address-loopback").body)).toMatchObject({
    index: 1,
    prefixLength: 8,
    scope: RT_SCOPE_HOST,
    local: ip("127.0.0.1"),
  });
});

test("decodeAddress() reads a tentative IPv6 address, and who gave the link-local one", () => {
  const [global, linkLocal] = [0, 1].map((at) =>
    decodeAddress(goldenMessage("address-ipv6-tentative", at).body),
  );
  expect(global).toMatchObject({
    family: AF_INET6,
    prefixLength: 64,
    flags: IFA_F_TENTATIVE | IFA_F_PERMANENT,
    scope: 0,
    index: 10,
    address: ip("2001:db8::2"),
    local: null,
    label: null,
    cacheinfo: forEver,
    proto: null,
  });
  // IFAPROT_KERNEL_LL (linux/if_addr.h)
  expect(linkLocal).toMatchObject({
    scope: RT_SCOPE_LINK,
    address: ip("fe80::ff:fe00:10"),
    proto: 3,
  });
});

test("decodeAddress() reads a deprecated IPv6 address", () => {
  expect(decodeAddress(goldenMessage("address-ipv6-deprecated").body)).toMatchObject({
    flags: IFA_F_DEPRECATED | IFA_F_NODAD,
    address: ip("2001:db8:1::2"),
    cacheinfo: { prefered: 0, valid: 3600 },
  });
});

test("decodeAddress() reads flags that do not fit the header's eight bits", () => {
  const [temporary, managed] = [0, 1].map((at) =>
    decodeAddress(goldenMessage("address-ipv6-temporary", at).body),
  );
  expect(temporary).toMatchObject({ flags: IFA_F_TEMPORARY | IFA_F_TENTATIVE });
  expect(temporary?.cacheinfo?.valid).toBe(604_800);
  expect(managed).toMatchObject({
    flags: IFA_F_MANAGETEMPADDR | IFA_F_PERMANENT | IFA_F_NODAD,
    address: ip("2001:db8:2::2"),
  });
});

test("decodeAddress() holds no view of the receive buffer", () => {
  const body = goldenMessage("address-ipv4").body.slice();
  const address = decodeAddress(body);
  body.fill(0);
  expect(address.local).toEqual(ip("10.0.0.2"));
});
