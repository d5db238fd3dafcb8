import { decodeLink } from "../../wire/netlink/link.ts";
import { encodeGetLink } from "../../wire/netlink/request.ts";
import { KernelError } from "./kernel-error.ts";
import { type Requester, refused } from "./requester.ts";

/**
 * The name of an interface, or null when there is none of that index.
 *
 * @throws PlatformError
 */
export function readInterfaceName(requester: Requester, index: number): string | null {
  const action = `read the name of interface ${index}`;
  const link = requester.ask(action, (seq) => encodeGetLink(seq, index), decodeLink);
  if (!(link instanceof KernelError)) return link.ifname;
  if (link.code === "ENODEV" || (index <= 0 && link.code === "EINVAL")) return null;
  throw refused(action, link);
}
