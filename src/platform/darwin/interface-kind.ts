import type { InterfaceKind } from "../../network/interface.ts";
import { IFF } from "../../wire/pfroute/constants.ts";

// net/if_types.h.
const IFT_ETHER = 6;
const IFT_PPP = 23;
const IFT_LOOP = 24;
const IFT_GIF = 55;
const IFT_STF = 57;
const IFT_BRIDGE = 209;
const IFT_CELLULAR = 255;

const kindByName: ReadonlyMap<string, InterfaceKind> = new Map([
  ["lo", "loopback"],
  ["en", "physical"],
  ["pdp_ip", "physical"],
  ["utun", "tunnel"],
  ["ipsec", "tunnel"],
  ["ppp", "tunnel"],
  ["gif", "tunnel"],
  ["stf", "tunnel"],
  ["tun", "tunnel"],
  ["tap", "tunnel"],
  ["bridge", "bridge"],
  // Peer-to-peer Wi-Fi, access points, virtual machines' and coprocessors' links.
  ["awdl", "virtual"],
  ["llw", "virtual"],
  ["ap", "virtual"],
  ["p2p", "virtual"],
  ["nan", "virtual"],
  ["anpi", "virtual"],
  ["vlan", "virtual"],
  ["bond", "virtual"],
  ["feth", "virtual"],
  ["vmnet", "virtual"],
  ["vmenet", "virtual"],
]);

const kindByType: ReadonlyMap<number, InterfaceKind> = new Map([
  [IFT_ETHER, "physical"],
  [IFT_CELLULAR, "physical"],
  [IFT_LOOP, "loopback"],
  [IFT_PPP, "tunnel"],
  [IFT_GIF, "tunnel"],
  [IFT_STF, "tunnel"],
  [IFT_BRIDGE, "bridge"],
]);

/** What of an interface tells its kind. */
export interface KindEvidence {
  readonly name: string;
  /** IFT_*. */
  readonly interfaceType: number;
  /** IFF_*. */
  readonly flags: number;
  /** Its medium is a radio. */
  readonly wireless: boolean;
}

/**
 * What an interface is to its user. Darwin names interfaces by their driver, so the name without its number tells
 * most; the hardware type tells the rest.
 */
export function interfaceKindOf({
  name,
  interfaceType,
  flags,
  wireless,
}: KindEvidence): InterfaceKind {
  if ((flags & IFF.LOOPBACK) !== 0) return "loopback";
  const known = kindByName.get(name.replace(/\d+$/, "")) ?? kindByType.get(interfaceType);
  if (known !== undefined) return known === "physical" && wireless ? "wireless" : known;
  return (flags & IFF.POINTOPOINT) === 0 ? "virtual" : "tunnel";
}
