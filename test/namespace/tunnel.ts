import type { NetworkInterface } from "../../src/network/interface.ts";

/**
 * Words for `ip` that make a stand-in for a tunnel: on some machines only root may open /dev/net/tun, and others
 * have none. Like a tunnel it has no neighbours.
 */
export const addTunnel = "link add tun0 type ifb";

/** What a reading says of the stand-in once configuration has said that `tun*` are tunnels. */
export function withTunnelKind(found: NetworkInterface): NetworkInterface {
  return found.name.startsWith("tun") ? { ...found, kind: "tunnel" } : found;
}
