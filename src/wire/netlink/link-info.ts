import { decodeAttributes, decodeU32 } from "./attribute.ts";
import { ifinfomsgLength } from "./link.ts";
import { IFLA_INFO_KIND, IFLA_LINKINFO } from "./link-constants.ts";
import { decodeString } from "./text-attribute.ts";

/** What a virtual link says of itself (IFLA_LINKINFO) that routing looks at. */
export interface LinkInfo {
  /** Table of a VRF. */
  readonly vrfTable: number | null;
  /** The other end of an encapsulating tunnel: 4 or 16 bytes. */
  readonly remote: Uint8Array | null;
}

// linux/if_link.h and linux/if_tunnel.h; nested in IFLA_INFO_DATA, whose numbers mean something else for each kind.
const IFLA_INFO_DATA = 2;
const IFLA_VRF_TABLE = 1;
const remoteAttributes: ReadonlyMap<string, readonly number[]> = new Map([
  ["vxlan", [2, 16]], // IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6
  ["geneve", [2, 7]], // IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6
  ["ipip", [3]], // IFLA_IPTUN_REMOTE
  ["sit", [3]],
  ["ip6tnl", [3]],
  ["gre", [7]], // IFLA_GRE_REMOTE
  ["gretap", [7]],
  ["ip6gre", [7]],
  ["ip6gretap", [7]],
  ["erspan", [7]],
  ["ip6erspan", [7]],
  ["vti", [5]], // IFLA_VTI_REMOTE
  ["vti6", [5]],
]);

/**
 * Decodes that part of the body of a link message. What it returns holds no view of `body`.
 *
 * @throws DecodeError
 */
export function decodeLinkInfo(body: Uint8Array): LinkInfo {
  let kind: string | null = null;
  let data: Uint8Array | null = null;
  for (const attribute of decodeAttributes(body, ifinfomsgLength)) {
    if (attribute.type !== IFLA_LINKINFO) continue;
    for (const { type, value } of decodeAttributes(attribute.value)) {
      if (type === IFLA_INFO_KIND) kind = decodeString(value);
      else if (type === IFLA_INFO_DATA) data = value;
    }
  }
  if (kind === null || data === null) return { vrfTable: null, remote: null };
  const remotes = remoteAttributes.get(kind) ?? [];
  let vrfTable: number | null = null;
  let remote: Uint8Array | null = null;
  for (const { type, value } of decodeAttributes(data)) {
    if (kind === "vrf" && type === IFLA_VRF_TABLE) vrfTable = decodeU32(value);
    else if (remotes.includes(type) && isUnicast(value)) remote = value.slice();
  }
  return { vrfTable, remote };
}

/** A tunnel without one other end has zeros there, or a multicast group. */
function isUnicast(value: Uint8Array): boolean {
  if (value.length !== 4 && value.length !== 16) return false;
  if (value.every((byte) => byte === 0)) return false;
  const [first = 0] = value;
  return value.length === 4 ? (first & 0xf0) !== 0xe0 : first !== 0xff;
}
