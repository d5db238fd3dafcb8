import koffi from "koffi";

/**
 * Calls back on the event loop while the descriptor has something to read (level-triggered): the callback drains
 * until EAGAIN. The watch keeps the process alive, and must be disposed of before the descriptor is closed.
 */
export function watchReadable(fd: number, callback: () => void): Disposable {
  let scheduled = false;
  let disposed = false;
  // An exception thrown straight from a uv_poll callback has no JavaScript frame to land in; from an immediate,
  // which runs in the same turn of the loop, it is an ordinary uncaught exception.
  const handle = koffi.node.poll(fd, { readable: true }, () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (!disposed) callback();
    });
  });
  return {
    [Symbol.dispose]: () => {
      disposed = true;
      handle.close();
    },
  };
}
