import koffi from "koffi";
import { unixAddress } from "../../../native-bindings/linux/notify-socket.ts";

const libc = koffi.load(null);
const socket = libc.func("int socket(int domain, int type, int protocol)");
const bind = libc.func("int bind(int fd, const void *address, uint32_t length)");
const recv = libc.func("intptr_t recv(int fd, void *bytes, size_t length, int flags)");
const close = libc.func("int close(int fd)");

// linux/socket.h, linux/net.h.
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;

/** A datagram socket as a service manager's. Disposing of it closes it; the file of a path stays. */
export interface DatagramListener extends Disposable {
  /** Takes what has come, in order. */
  take(): readonly string[];
}

/** @param name a path, or `@` and an abstract name */
export function listenForDatagrams(name: string): DatagramListener {
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) as number;
  const address = unixAddress(name);
  if ((bind(fd, address, address.length) as number) !== 0)
    throw new Error(`cannot bind ${name}: errno ${koffi.errno()}`);
  const bytes = new Uint8Array(65_536);
  return {
    take() {
      const texts: string[] = [];
      for (;;) {
        const length = Number(recv(fd, bytes, bytes.length, MSG_DONTWAIT));
        if (length < 0) return texts;
        texts.push(new TextDecoder().decode(bytes.subarray(0, length)));
      }
    },
    [Symbol.dispose]: () => void close(fd),
  };
}
