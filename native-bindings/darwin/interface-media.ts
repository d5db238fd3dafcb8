import { FileDescriptor } from "../file-descriptor.ts";
import { libcFunction } from "../libc.ts";
import { openSocket } from "../socket-call.ts";
import { checkResult } from "../syscall-error.ts";
import { DARWIN } from "./constants.ts";

// Variadic, and declared so: on arm64 Darwin passes such arguments on the stack, others in registers.
const ioctl = libcFunction<
  [fd: number, request: number, type: "void *", value: Uint8Array],
  number
>("int ioctl(int fd, unsigned long request, ...)");

/** What the medium of an interface says: `ifconfig` shows it as media and status. */
export interface InterfaceMedia {
  /** Whether a cable or a network is there; null where the driver does not know. */
  readonly active: boolean | null;
  readonly wireless: boolean;
}

/** struct ifmediareq (net/if.h, packed to 4 bytes): name, then ints current, mask, status, active, count; a pointer. */
export const IFMEDIAREQ = { size: 44, currentAt: 16, statusAt: 24 } as const;

// net/if_media.h.
const IFM_AVALID = 1;
const IFM_ACTIVE = 2;
const IFM_NMASK = 0xe0;
const IFM_IEEE80211 = 0x80;

/**
 * Asks for the medium of an interface (SIOCGIFMEDIA); null when there is no such interface, or it has no medium, as
 * loopbacks and tunnels.
 *
 * @throws SyscallError when no socket can be opened to ask through
 */
export function readInterfaceMedia(name: string): InterfaceMedia | null {
  const request = encodeMediaRequest(name);
  if (request === null) return null;
  const fd = openSocket(DARWIN.AF_INET, DARWIN.SOCK_DGRAM, 0);
  using descriptor = new FileDescriptor(
    checkResult(fd, "socket", "open a socket to ask for the medium of an interface"),
  );
  const result = ioctl(descriptor.fd, DARWIN.SIOCGIFMEDIA, "void *", request);
  return result < 0 ? null : decodeMedia(request);
}

/** A struct ifmediareq that asks for an interface; null when its name is none. */
export function encodeMediaRequest(name: string): Uint8Array | null {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length === 0 || bytes.length >= DARWIN.IFNAMSIZ) return null;
  const request = new Uint8Array(IFMEDIAREQ.size);
  request.set(bytes);
  return request;
}

/** What a struct ifmediareq says after the kernel has filled it in. */
export function decodeMedia(answer: Uint8Array): InterfaceMedia {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  const status = view.getInt32(IFMEDIAREQ.statusAt, true);
  const current = view.getInt32(IFMEDIAREQ.currentAt, true);
  return {
    active: (status & IFM_AVALID) === 0 ? null : (status & IFM_ACTIVE) !== 0,
    wireless: (current & IFM_NMASK) === IFM_IEEE80211,
  };
}
