import {
  openIcmpv6Socket,
  type PacketSocket,
} from "../../../native-bindings/linux/icmpv6-socket.ts";
import { platformFailure } from "./platform-failure.ts";

/** ff02::2, all routers on a link (RFC 4291, 2.7.1). */
const allRouters = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);

/** Type 133, code 0, checksum (the kernel's to fill in), reserved: RFC 4861, 4.1; no options. */
const solicitation = Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0);

/** Routers drop what has passed another one: the hop limit must be untouched (RFC 4861, 6.1.1). */
const hopLimit = 255;

/**
 * Asks the routers on a link to announce themselves. The kernel takes in what they say.
 *
 * @throws PlatformError
 */
export function solicitRoutersOn(
  interfaceIndex: number,
  open: () => PacketSocket = openIcmpv6Socket,
): void {
  try {
    using socket = open();
    socket.setMulticast(interfaceIndex, hopLimit);
    socket.sendTo(allRouters, interfaceIndex, solicitation);
  } catch (error) {
    throw platformFailure(`ask for routers on interface ${interfaceIndex}`, error);
  }
}
