import { describe, expect, test } from "vitest";
import { describeErrno, SyscallError } from "../../native-bindings/syscall-error.ts";

describe.skipIf(process.platform !== "linux")("SyscallError", () => {
  test("says what could not be done, then why", () => {
    const error = new SyscallError("bind", 98, "bind a socket");
    expect(error.message).toBe("cannot bind a socket: bind: address already in use (EADDRINUSE)");
    expect(error).toMatchObject({
      name: "SyscallError",
      syscall: "bind",
      code: "EADDRINUSE",
      errno: 98,
      attempted: "bind a socket",
    });
  });

  test("describeErrno() has a name for a number that nobody knows", () => {
    expect(describeErrno(4_000)).toEqual(["errno 4000", "no description"]);
  });
});
