import type { Datagram } from "../../../native-bindings/linux/netlink-socket.ts";
import {
  openTraceableTransport,
  type RequestTransport,
} from "../../../src/platform/linux/requester.ts";
import { type NetlinkMessage, splitMessages } from "../../../src/wire/netlink/message.ts";
import {
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from "../../../src/wire/netlink/message-constants.ts";

/** What becomes of a change: the kernel does it and answers, its answer is lost, or it never hears of it. */
type Fate = "answered" | "reply-lost" | "request-lost";

export interface LossyTransport {
  readonly open: () => RequestTransport;
  /** Every change that was asked for, in order, also those that were lost. */
  readonly changes: NetlinkMessage[];
  /** The fate of the change of this number, counted from 0; `answered` if nothing else is said. */
  fate: (change: number, message: NetlinkMessage) => Fate;
  /** Called after each change that reached the kernel. */
  made: () => void;
}

const changing: readonly number[] = [RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWRULE, RTM_DELRULE];

/** Opens real transports to the kernel that lose what a test wants them to lose. */
export function lossyTransport(): LossyTransport {
  const lossy: LossyTransport = {
    changes: [],
    fate: () => "answered",
    made: () => {},
    open() {
      const real = openTraceableTransport();
      let lost = false;
      return {
        send(bytes) {
          const [message] = splitMessages(bytes.slice());
          if (message === undefined || !changing.includes(message.type)) return real.send(bytes);
          const fate = lossy.fate(lossy.changes.length, message);
          lossy.changes.push(message);
          lost = fate !== "answered";
          if (fate === "request-lost") return;
          real.send(bytes);
          lossy.made();
        },
        receiveWhole: (): Datagram | null => (lost ? null : real.receiveWhole()),
        setReceiveTimeout: (timeoutMs) => real.setReceiveTimeout(timeoutMs),
        [Symbol.dispose]: () => real[Symbol.dispose](),
      };
    },
  };
  return lossy;
}
