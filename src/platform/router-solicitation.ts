/** A raw ICMPv6 socket. Disposing of it closes it. */
export interface SolicitationSocket extends Disposable {
  setMulticast(interfaceIndex: number, hopLimit: number): void;
  sendTo(address: Uint8Array, interfaceIndex: number, message: Uint8Array): void;
}

/** ff02::2, all routers on a link (RFC 4291, 2.7.1). */
const allRouters = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);

/** Type 133, code 0, checksum (the kernel's to fill in), reserved: RFC 4861, 4.1; no options. */
const solicitation = Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0);

/** Routers drop what has passed another one: the hop limit must be untouched (RFC 4861, 6.1.1). */
const hopLimit = 255;

/** Asks the routers on a link to announce themselves. The kernel takes in what they say. */
export function solicitRouters(interfaceIndex: number, open: () => SolicitationSocket): void {
  using socket = open();
  socket.setMulticast(interfaceIndex, hopLimit);
  socket.sendTo(allRouters, interfaceIndex, solicitation);
}
