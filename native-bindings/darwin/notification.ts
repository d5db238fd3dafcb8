import koffi from "koffi";
import { libcFunction } from "../libc.ts";
import { watchReadable } from "../watch-readable.ts";
import { DARWIN } from "./constants.ts";

const register = libcFunction<
  [name: string, fd: Int32Array, flags: number, token: Int32Array],
  number
>("uint32_t notify_register_file_descriptor(const char *name, void *fd, int flags, void *token)");
const cancel = libcFunction<[token: number], number>("uint32_t notify_cancel(int token)");
const readPosts = libcFunction<[fd: number, bytes: Uint8Array, length: number], number>(
  "intptr_t read(int fd, void *bytes, size_t length)",
);

/** What configd posts when interfaces, addresses or routes changed. */
export const networkChange = "com.apple.system.config.network_change";

/**
 * Calls back after each post of a notification (notify(3)). Several posts may be one call. The descriptor belongs
 * to notify_cancel(), which closes it.
 *
 * @throws Error when notifyd refuses
 */
export function listenToNotification(name: string, callback: () => void): Disposable {
  const fd = new Int32Array(1);
  const token = new Int32Array(1);
  const status = register(name, fd, 0, token);
  if (status !== 0)
    throw new Error(`cannot listen to ${name}: notify_register_file_descriptor gave ${status}`);
  const [number = -1] = fd;
  // Each post writes the token, four bytes, into the descriptor.
  const posts = new Uint8Array(1024);
  let watch: Disposable | null = watchReadable(number, () => {
    if (drain(number, posts)) callback();
    // Nobody will ever post again, and the descriptor would stay readable for ever.
    else stop();
  });
  const stop = (): void => {
    watch?.[Symbol.dispose]();
    watch = null;
  };
  let cancelled = false;
  return {
    [Symbol.dispose]: () => {
      stop();
      if (!cancelled) cancel(token[0] ?? -1);
      cancelled = true;
    },
  };
}

/** Empties the descriptor, by one read: the watch comes back for the rest. False when it has ended. */
function drain(fd: number, posts: Uint8Array): boolean {
  const length = readPosts(fd, posts, posts.length);
  if (length >= 0) return length > 0;
  const errno = koffi.errno();
  return errno === DARWIN.EAGAIN || errno === DARWIN.EINTR;
}
