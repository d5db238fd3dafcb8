import { libcFunction } from "../libc.ts";
import { checkResult } from "../syscall-error.ts";

const clockGettime = libcFunction<[clock: number, time: BigInt64Array], number>(
  "int clock_gettime(int clock, void *time)",
);

// clockid_t, linux/time.h.
const clockIds = { monotonic: 1, boottime: 7 };

/**
 * Milliseconds since boot, with fractions: `monotonic` stops while the host is suspended, `boottime` goes on
 * (clock_gettime(2)).
 *
 * @throws SyscallError
 */
export function readClock(clock: "monotonic" | "boottime"): number {
  // struct timespec where long is 64 bits wide, as on every platform that Node supports on Linux but armv7.
  const time = new BigInt64Array(2);
  const attempted = `read the ${clock} clock`;
  checkResult(clockGettime(clockIds[clock], time), "clock_gettime", attempted);
  const [seconds = 0n, nanoseconds = 0n] = time;
  return Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
}
