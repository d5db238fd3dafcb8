import koffi from "koffi";

/**
 * Calls back on the event loop while the descriptor has something to read (level-triggered): the callback drains
 * until EAGAIN, or leaves the rest for the next turn. The watch keeps the process alive, and must be disposed of
 * before the descriptor is closed.
 */
export function watchReadable(fd: number, callback: () => void): Disposable {
  let scheduled = false;
  let stopped = false;
  let disposed = false;

  // An exception thrown straight from a uv_poll callback has no JavaScript frame to land in; from an immediate,
  // which runs in the same turn of the loop, it is an ordinary uncaught exception.
  const run = (): void => {
    scheduled = false;
    if (disposed) return;
    try {
      callback();
    } finally {
      if (stopped && !disposed) {
        stopped = false;
        handle.start({ readable: true }, schedule);
      }
    }
  };
  // koffi passes the status of uv_poll_cb first, which its types leave out. libuv ends a watch for good when the
  // kernel reports POLLERR, and a netlink socket that lost messages (ENOBUFS) does: the watch has to begin anew.
  const schedule = (status: unknown): void => {
    if (status !== 0) stopped = true;
    if (scheduled) return;
    scheduled = true;
    setImmediate(run);
  };
  const handle = koffi.node.poll(fd, { readable: true }, schedule);

  return {
    [Symbol.dispose]: () => {
      disposed = true;
      handle.close();
    },
  };
}
