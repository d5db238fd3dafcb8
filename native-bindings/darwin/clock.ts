import { libcFunction } from "../libc.ts";

const clocks = {
  /** Stops while the host sleeps. */
  absolute: libcFunction<[], number | bigint>("uint64_t mach_absolute_time()"),
  /** Goes on while the host sleeps. */
  continuous: libcFunction<[], number | bigint>("uint64_t mach_continuous_time()"),
};

const timebaseInfo = libcFunction<[info: Uint32Array], number>(
  "int mach_timebase_info(void *info)",
);

/** How long a tick is: `numerator / denominator` nanoseconds (struct mach_timebase_info). */
export interface MachTimebase {
  readonly numerator: number;
  readonly denominator: number;
}

/**
 * The length of a tick of this machine: 1/1 on Intel, 125/3 on Apple silicon.
 *
 * @throws Error when the kernel does not tell
 */
export function readTimebase(): MachTimebase {
  const info = new Uint32Array(2);
  const result = timebaseInfo(info);
  const [numerator = 0, denominator = 0] = info;
  if (result !== 0 || numerator === 0 || denominator === 0)
    throw new Error(`cannot read the length of a mach tick: mach_timebase_info gave ${result}`);
  return { numerator, denominator };
}

/** Milliseconds since boot, with fractions. */
export function readMachClock(clock: keyof typeof clocks, timebase: MachTimebase): number {
  return ticksToMs(clocks[clock](), timebase);
}

/** Ticks in milliseconds. Beyond 2^53 ticks (104 days on Intel) the last bits of the nanoseconds are lost. */
export function ticksToMs(
  ticks: number | bigint,
  { numerator, denominator }: MachTimebase,
): number {
  return (Number(ticks) * numerator) / denominator / 1e6;
}
