import { readFileSync } from "node:fs";

/** Processor time of a process and its threads so far, in ms (schedstat counts in ns; proc(5)). */
export function processorMs(pid: number): number {
  const [onCpu] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
  const { utime, stime } = clockTicks(pid);
  // schedstat is the main thread alone, but finer than the ticks of the whole process.
  return Math.max(Number(onCpu) / 1e6, (utime + stime) * 10);
}

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}

/** How often the main thread of a process has gone to sleep so far: each is a wake-up. */
export function sleeps(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/\nvoluntary_ctxt_switches:\s+(\d+)/.exec(status)?.[1]);
}

function clockTicks(pid: number): { utime: number; stime: number } {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { utime: Number(fields[11]), stime: Number(fields[12]) };
}
