import { openIcmpv6Socket } from "../../../native-bindings/linux/icmpv6-socket.ts";
import { solicitRouters } from "../../platform/router-solicitation.ts";
import { platformFailure } from "./platform-failure.ts";

/**
 * Asks the routers on a link to announce themselves. The kernel takes in what they say.
 *
 * @throws PlatformError
 */
export function solicitRoutersOn(interfaceIndex: number): void {
  try {
    solicitRouters(interfaceIndex, openIcmpv6Socket);
  } catch (error) {
    throw platformFailure(`ask for routers on interface ${interfaceIndex}`, error);
  }
}
