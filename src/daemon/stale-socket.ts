import { connect } from "node:net";
import { errorCode } from "./daemon-error.ts";

/** Whether nobody listens on a socket file: a connection to it is refused (unix(7), ECONNREFUSED). */
export function isStaleSocket(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error) => {
      const code = errorCode(error);
      // EAGAIN: somebody listens and its queue is full (connect(2)). ENOENT: the file went meanwhile.
      if (code === "ECONNREFUSED" || code === "ENOENT") resolve(true);
      else if (code === "EAGAIN") resolve(false);
      else reject(error);
    });
  });
}
