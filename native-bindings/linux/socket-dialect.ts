import { setPeer } from "../bind-address.ts";
import type { SocketDialect } from "../internet-socket.ts";
import { openSocket } from "../socket-call.ts";
import { setSocketOption } from "../socket-option.ts";
import { checkResult } from "../syscall-error.ts";
import { bindToDevice, readBoundIndex } from "./bind-option.ts";
import { SOCK_CLOEXEC, SOCK_DGRAM, SOCK_STREAM } from "./socket-constants.ts";

// linux/socket.h, asm-generic/socket.h, linux/in6.h.
const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

/** Internet sockets as Linux speaks of them: bound by SO_BINDTODEVICE (socket(7)), never by IP_UNICAST_IF. */
export const linuxSocketDialect: SocketDialect = {
  open(family, type) {
    const domain = family === "ipv4" ? AF_INET : AF_INET6;
    const kind = (type === "stream" ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC;
    return checkResult(openSocket(domain, kind, 0), "socket", `open an ${family} socket`);
  },
  encodeAddress({ family, bytes, port, scopeId }) {
    const isV4 = family === "ipv4";
    const encoded = new Uint8Array(isV4 ? 16 : 28);
    const view = new DataView(encoded.buffer);
    view.setUint16(0, isV4 ? AF_INET : AF_INET6, true);
    view.setUint16(2, port);
    encoded.set(bytes, isV4 ? 4 : 8);
    if (!isV4) view.setUint32(24, scopeId, true);
    return encoded;
  },
  allowAddressReuse(fd) {
    setSocketOption(fd, SOL_SOCKET, SO_REUSEADDR, 1, "let a socket's address be used again");
  },
  refuseIpv4: (fd) =>
    setSocketOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "keep IPv4 out of a socket"),
  bindToInterface: (fd, _, to) => bindToDevice(fd, to?.name ?? ""),
  boundInterface: (fd) => readBoundIndex(fd),
  // The kernel forgets the bound device along with the peer (net/ipv4/udp.c, __udp_disconnect), and then anybody may
  // bind the socket anew; to bind a bound one again takes CAP_NET_RAW.
  dissolve(fd) {
    const nobody = new Uint8Array(16);
    new DataView(nobody.buffer).setUint16(0, AF_UNSPEC, true);
    setPeer(fd, nobody);
  },
};
