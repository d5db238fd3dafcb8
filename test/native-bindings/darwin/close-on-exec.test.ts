import { closeSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { setCloseOnExec } from "../../../native-bindings/darwin/close-on-exec.ts";
import { libcFunction } from "../../../native-bindings/libc.ts";

const duplicate = libcFunction<[fd: number], number>("int dup(int fd)");
const O_CLOEXEC = 0o2000000;

// fcntl(2) has the same numbers here, so that this one of the Mac's bindings can be run.
test.skipIf(process.platform !== "linux")("setCloseOnExec() sets the flag of a descriptor", () => {
  const fd = duplicate(2);
  const isSet = (): boolean => {
    const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
    return (Number.parseInt(flags ?? "", 8) & O_CLOEXEC) !== 0;
  };
  try {
    expect(isSet()).toBe(false);
    setCloseOnExec(fd);
    expect(isSet()).toBe(true);
  } finally {
    closeSync(fd);
  }
  expect(() => setCloseOnExec(fd)).toThrow("EBADF");
});
