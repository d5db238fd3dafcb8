import type { IpFamily } from "../../network/address.ts";
import { DecodeError } from "../../wire/decode-error.ts";
import { AF, NET_RT, RTF } from "../../wire/pfroute/constants.ts";
import { darwinFormat } from "../../wire/pfroute/format.ts";
import { decodeMessage, type RouteMessage } from "../../wire/pfroute/message.ts";
import { routeTableName } from "../../wire/pfroute/sysctl-name.ts";
import type { SysctlPort } from "./routing-socket-port.ts";

/**
 * The unscoped routes to single addresses that somebody made. Neighbours, and what the kernel made of a route for one
 * destination, stand in the same table and cost no object.
 *
 * @throws what the port throws
 */
export function readHostRoutes(sysctl: SysctlPort, family: IpFamily): readonly RouteMessage[] {
  const number = family === "ipv4" ? AF.INET : AF.INET6;
  const table = sysctl.read(routeTableName(number, NET_RT.FLAGS, RTF.HOST));
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const routes: RouteMessage[] = [];
  for (let at = 0; at + shortest <= table.length; ) {
    const length = view.getUint16(at, true);
    if (length < shortest || at + length > table.length) break;
    const layout = darwinFormat.layouts.get(table[at + 3] ?? 0);
    if (layout?.kind === "route" && length >= layout.headerLength) {
      const flags = view.getUint32(at + layout.flags, true);
      if ((flags & (RTF.HOST | kernelsOwn)) === RTF.HOST) {
        const route = decoded(table.subarray(at, at + length));
        if (route !== null) routes.push(route);
      }
    }
    at += length;
  }
  return routes;
}

/** rtm_msglen, rtm_version and rtm_type, which every message begins with. */
const shortest = 4;

const kernelsOwn = RTF.WASCLONED | RTF.LLINFO | RTF.IFSCOPE | RTF.LOCAL;

function decoded(bytes: Uint8Array): RouteMessage | null {
  try {
    const message = decodeMessage(bytes, darwinFormat);
    return message.kind === "route" ? message : null;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
