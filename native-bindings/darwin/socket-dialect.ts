import { setPeer } from "../bind-address.ts";
import type { SocketDialect } from "../internet-socket.ts";
import { openSocket } from "../socket-call.ts";
import { setSocketOption } from "../socket-option.ts";
import { checkResult, SyscallError } from "../syscall-error.ts";
import { bindToInterface, readBoundInterface } from "./bound-interface.ts";
import { setCloseOnExec } from "./close-on-exec.ts";
import { DARWIN } from "./constants.ts";

/** Internet sockets as Darwin speaks of them: bound by IP_BOUND_IF and IPV6_BOUND_IF. */
export const darwinSocketDialect: SocketDialect = {
  open(family, type) {
    const domain = family === "ipv4" ? DARWIN.AF_INET : DARWIN.AF_INET6;
    const kind = type === "stream" ? DARWIN.SOCK_STREAM : DARWIN.SOCK_DGRAM;
    const fd = checkResult(openSocket(domain, kind, 0), "socket", `open an ${family} socket`);
    setCloseOnExec(fd);
    return fd;
  },
  // struct sockaddr begins with its own length (sys/socket.h).
  encodeAddress({ family, bytes, port, scopeId }) {
    const isV4 = family === "ipv4";
    const encoded = new Uint8Array(isV4 ? 16 : 28);
    const view = new DataView(encoded.buffer);
    encoded[0] = encoded.length;
    encoded[1] = isV4 ? DARWIN.AF_INET : DARWIN.AF_INET6;
    view.setUint16(2, port);
    encoded.set(bytes, isV4 ? 4 : 8);
    if (!isV4) view.setUint32(24, scopeId, true);
    return encoded;
  },
  allowAddressReuse(fd) {
    const { SOL_SOCKET, SO_REUSEADDR } = DARWIN;
    setSocketOption(fd, SOL_SOCKET, SO_REUSEADDR, 1, "let a socket's address be used again");
  },
  refuseIpv4(fd) {
    const { IPPROTO_IPV6, IPV6_V6ONLY } = DARWIN;
    setSocketOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "keep IPv4 out of a socket");
  },
  bindToInterface: (fd, family, to) => bindToInterface(fd, family, to?.index ?? 0),
  boundInterface: readBoundInterface,
  // connect(2): a null address or an invalid one dissolves the association, and may answer EAFNOSUPPORT. The
  // interface stays, and may be changed by anybody.
  dissolve(fd) {
    const nobody = new Uint8Array(16);
    nobody[0] = nobody.length;
    try {
      setPeer(fd, nobody);
    } catch (error) {
      if (!(error instanceof SyscallError && error.code === "EAFNOSUPPORT")) throw error;
    }
  },
};
