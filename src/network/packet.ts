import type { IpFamily } from "./address.ts";

/** A packet whose way is asked for: what a system's routing can look at. */
export interface Packet {
  readonly family: IpFamily;
  /** Canonical text, without a zone. */
  readonly destination: string;
  /** Null while the system has still to choose one. */
  readonly source: string | null;
  /** Index of the interface that its socket is bound to. */
  readonly boundTo: number | null;
  /** Index of the interface that it came in by; null for a packet of this host's own. */
  readonly arrivesOn: number | null;
  /** The socket's mark; 0 for none. */
  readonly mark: number;
  /** Whose socket it is. */
  readonly uid: number;
  /** The IPv4 type of service or IPv6 traffic class byte. */
  readonly tos: number;
  /** IPPROTO_* (RFC 5237): 6 is TCP, 17 UDP. */
  readonly protocol: number;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}
