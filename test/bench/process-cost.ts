import { readdirSync, readFileSync } from "node:fs";

/** Processor time of a process and its threads so far, in ms (schedstat counts in ns; proc(5)). */
export function processorMs(pid: number): number {
  let onCpuMs = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ");
    onCpuMs += Number(nanoseconds) / 1e6;
  }
  return onCpuMs;
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
