import { longestDefaultPrefix } from "../../network/route.ts";
import { RTM_DELROUTE, RTM_NEWROUTE } from "../../wire/netlink/message-constants.ts";
import { assembleBpf, type BpfInstruction } from "./bpf-assembler.ts";

// Offsets in a message: struct nlmsghdr, then struct rtmsg from byte 16. Netlink integers are in host order but
// BPF loads are big-endian, so the 16 bits of nlmsg_type are looked at byte by byte, low one first.
const typeLow = 4;
const typeHigh = 5;
const routeDstLength = 17;
const routeProtocol = 21;

const keepAll = 0xffff_ffff;

/**
 * The program that keeps out of the process what concerns nobody here: it drops RTM_NEWROUTE and RTM_DELROUTE of
 * a prefix longer than /7 that another protocol than `protocolTag` made. Everything else passes, so also
 * acknowledgements. It sees the first message of a datagram only: fit for notifications, which come one in each,
 * and not for dumps.
 */
export function eventFilter(protocolTag: number): readonly BpfInstruction[] {
  return assembleBpf([
    { op: "load-byte", offset: typeHigh },
    { op: "jump-greater", value: 0, to: "pass" },
    { op: "load-byte", offset: typeLow },
    { op: "jump-equal", value: RTM_NEWROUTE, to: "route" },
    { op: "jump-equal", value: RTM_DELROUTE, to: "route" },
    { op: "jump", to: "pass" },
    { op: "label", name: "route" },
    { op: "load-byte", offset: routeDstLength },
    { op: "jump-greater", value: longestDefaultPrefix, to: "long" },
    { op: "jump", to: "pass" },
    { op: "label", name: "long" },
    { op: "load-byte", offset: routeProtocol },
    { op: "jump-equal", value: protocolTag, to: "pass" },
    { op: "return", bytes: 0 },
    { op: "label", name: "pass" },
    { op: "return", bytes: keepAll },
  ]);
}
