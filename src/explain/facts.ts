import type { Packet } from "../network/packet.ts";
import type { KernelAnswer, ReversePathFilter, RoutingLink } from "../platform/route-inquiry.ts";
import type { PacketView } from "./decide.ts";
import type { LookUp } from "./decision.ts";

/** Everything that is known about one packet's way, to judge it by. */
export interface Facts {
  readonly packet: Packet;
  readonly view: PacketView;
  readonly answer: KernelAnswer;
  /** The look-up as the kernel was asked. */
  readonly lookUp: LookUp;
  /** How it ends for a socket that is held to its interface, where it ends elsewhere than `lookUp`; else null. */
  readonly held: LookUp | null;
  readonly agrees: boolean;
  /** Whether the source that the packet has, or is given, is an address of this host; true while there is none. */
  readonly sourceIsOurs: boolean;
  /** How an answer that comes in by the packet's interface is checked; null where it is not. */
  readonly filter: ReversePathFilter | null;
  /** What the kernel says of such an answer; null where it is not checked. */
  readonly back: KernelAnswer | null;
  /** Where the packets of the tunnel itself go that this packet goes into; null where it is none. */
  readonly tunnelExit: KernelAnswer | null;
}

/** The interface by which the packet leaves, by the kernel's answer; undefined when it does not leave. */
export function exitOf({ answer, view }: Pick<Facts, "answer" | "view">): RoutingLink | undefined {
  if (answer.kind === "refused" || answer.type === "local" || answer.interfaceIndex === null)
    return undefined;
  return view.links.get(answer.interfaceIndex);
}
