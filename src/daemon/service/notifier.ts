import { openNotifySocket } from "../../../native-bindings/linux/notify-socket.ts";
import { errorCode } from "../daemon-error.ts";
import type { Logger } from "../logger.ts";

/** Assignments as sd_notify(3) names them: `{ READY: "1", STATUS: "…" }`. */
export type Notification = Readonly<Record<string, string>>;

/** What the daemon can tell the service manager that started it. Disposing of it closes the socket. */
export interface Notifier extends Disposable {
  /** How long it may be silent before it is taken for dead; null when nobody minds. */
  readonly watchdogMs: number | null;
  /** Sends, now or as soon as the receiver has room. Never throws: what cannot be sent is said once. */
  send(notification: Notification): void;
}

export interface NotifierOptions {
  /** NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID decide (sd_notify(3), sd_watchdog_enabled(3)). */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly log: Pick<Logger, "warn">;
}

/** A receiver that is behind has more than ten messages to read (net.unix.max_dgram_qlen). */
const retryMs = 200;

/** Null when no service manager wants to be told. */
export function openNotifier({ env, pid, log }: NotifierOptions): Notifier | null {
  const name = env.NOTIFY_SOCKET ?? "";
  if (name === "") return null;
  const waiting: Uint8Array[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  let said = false;

  const fail = (error: unknown): void => {
    waiting.length = 0;
    if (said) return;
    said = true;
    log.warn("the service manager cannot be told how netwatchd fares", { error });
  };
  let socket: ReturnType<typeof openNotifySocket>;
  try {
    if (!/^[/@]/.test(name)) throw new RangeError(`NOTIFY_SOCKET is "${name}", which is no path`);
    socket = openNotifySocket(name);
  } catch (error) {
    fail(error);
    return null;
  }

  const flush = (): void => {
    timer = null;
    try {
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        socket.send(next);
        waiting.shift();
      }
    } catch (error) {
      if (errorCode(error) === "EAGAIN") timer = setTimeout(flush, retryMs).unref();
      else fail(error);
    }
  };
  return {
    watchdogMs: watchdogMs(env, pid),
    send(notification) {
      const lines = Object.entries(notification).map(
        ([name, value]) => `${name}=${value.replace(/\s+/g, " ")}\n`,
      );
      waiting.push(new TextEncoder().encode(lines.join("")));
      if (timer === null) flush();
    },
    [Symbol.dispose]() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      socket[Symbol.dispose]();
    },
  };
}

function watchdogMs(env: NotifierOptions["env"], pid: number): number | null {
  const { WATCHDOG_USEC: period = "", WATCHDOG_PID: whose = String(pid) } = env;
  if (!/^[1-9]\d*$/.test(period) || whose !== String(pid)) return null;
  return Number(period) / 1000;
}
