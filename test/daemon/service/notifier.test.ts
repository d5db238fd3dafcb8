import { describe, expect, test, vi } from "vitest";
import { type NotifierOptions, openNotifier } from "../../../src/daemon/service/notifier.ts";
import { until } from "../../namespace/namespace.ts";
import { listenForDatagrams } from "../../native-bindings/linux/datagram-listener.ts";

const name = `@netwatch-test/notifier-${process.pid}`;

function open(env: NotifierOptions["env"]): {
  readonly notifier: ReturnType<typeof openNotifier>;
  readonly warn: ReturnType<typeof vi.fn>;
} {
  const warn = vi.fn();
  return { notifier: openNotifier({ env, pid: 42, log: { warn } }), warn };
}

describe.skipIf(process.platform !== "linux")("openNotifier()", () => {
  test("is null where nobody wants to be told", () => {
    expect(open({}).notifier).toBeNull();
    expect(open({ NOTIFY_SOCKET: "" }).notifier).toBeNull();
  });

  test.each(["vsock:2:1", "relative", `/${"a".repeat(200)}`])(
    "says once that %s cannot be told",
    (socket) => {
      const { notifier, warn } = open({ NOTIFY_SOCKET: socket });
      expect(notifier).toBeNull();
      expect(warn).toHaveBeenCalledTimes(1);
    },
  );

  test("sends each notification as one datagram of lines", () => {
    using listener = listenForDatagrams(name);
    using notifier = open({ NOTIFY_SOCKET: name }).notifier;
    notifier?.send({ READY: "1", STATUS: "all\nis well" });
    expect(listener.take()).toEqual(["READY=1\nSTATUS=all is well\n"]);
  });

  test.each([
    [{ WATCHDOG_USEC: "30000000" }, 30_000],
    [{ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "42" }, 30_000],
    [{ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "43" }, null],
    [{ WATCHDOG_USEC: "0" }, null],
    [{ WATCHDOG_USEC: "soon" }, null],
    [{}, null],
  ])("takes %o for a watchdog of %s ms", (env, expected) => {
    using notifier = open({ NOTIFY_SOCKET: name, ...env }).notifier;
    expect(notifier?.watchdogMs).toBe(expected);
  });

  test("says once that nobody receives, and goes on", () => {
    const { notifier, warn } = open({ NOTIFY_SOCKET: name });
    using _ = notifier;
    notifier?.send({ READY: "1" });
    notifier?.send({ STATUS: "x" });
    expect(warn).toHaveBeenCalledTimes(1);
    using listener = listenForDatagrams(name);
    notifier?.send({ STOPPING: "1" });
    expect(listener.take()).toEqual(["STOPPING=1\n"]);
  });

  test("sends in order when the receiver has room again", async () => {
    using listener = listenForDatagrams(name);
    const { notifier, warn } = open({ NOTIFY_SOCKET: name });
    using _ = notifier;
    // A fresh network namespace has net.unix.max_dgram_qlen 10.
    const sent = Array.from({ length: 50 }, (_unused, at) => `N=${at}\n`);
    for (const at of sent.keys()) notifier?.send({ N: String(at) });
    const received: string[] = [...listener.take()];
    expect(received.length).toBeLessThan(sent.length);
    await until("the rest", () => {
      received.push(...listener.take());
      return received.length === sent.length;
    });
    expect(received).toEqual(sent);
    expect(warn).not.toHaveBeenCalled();
  });
});
