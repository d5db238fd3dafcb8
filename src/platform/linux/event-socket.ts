import { NetlinkSocket } from "../../../native-bindings/linux/netlink-socket.ts";
import * as nl from "../../wire/netlink/message-constants.ts";
import { eventFilter } from "./event-filter.ts";
import { platformFailure } from "./platform-failure.ts";

export interface EventSocketOptions {
  readonly receiveBufferBytes: number;
  /** Lets the kernel drop what concerns nobody; see eventFilter(). */
  readonly filter: boolean;
  readonly protocolTag: number;
}

const groups = [
  nl.RTNLGRP_LINK,
  nl.RTNLGRP_IPV4_IFADDR,
  nl.RTNLGRP_IPV6_IFADDR,
  nl.RTNLGRP_IPV4_ROUTE,
  nl.RTNLGRP_IPV6_ROUTE,
  nl.RTNLGRP_IPV4_RULE,
  nl.RTNLGRP_IPV6_RULE,
  nl.RTNLGRP_NEXTHOP,
];

/** Long notifications are links with many virtual functions; a longer one than this is cut once. */
const bufferBytes = 65_536;

/**
 * Opens a non-blocking socket that hears of links, addresses, routes, rules and nexthop objects from now on, and
 * says what receive buffer the kernel granted. It is never used for dumps: the filter would eat their replies.
 *
 * @throws PlatformError
 */
export function openEventSocket(options: EventSocketOptions): {
  readonly socket: NetlinkSocket;
  readonly receiveBufferBytes: number;
} {
  try {
    const socket = NetlinkSocket.open({ nonBlocking: true, bufferBytes });
    try {
      const receiveBufferBytes = socket.requestReceiveBuffer(options.receiveBufferBytes);
      if (options.filter) socket.attachFilter(eventFilter(options.protocolTag));
      socket.enable("capAck");
      for (const group of groups) socket.join(group);
      return { socket, receiveBufferBytes };
    } catch (error) {
      socket[Symbol.dispose]();
      throw error;
    }
  } catch (error) {
    throw platformFailure("listen to the kernel's network events", error);
  }
}
