import { fstatSync, openSync } from "node:fs";
import { expect, test } from "vitest";
import { FileDescriptor } from "../../native-bindings/file-descriptor.ts";

test("FileDescriptor closes its descriptor once, even when the number has a new owner", () => {
  const first = openSync("/dev/null", "r");
  const descriptor = new FileDescriptor(first);
  expect(descriptor.closed).toBe(false);
  expect(descriptor.fd).toBe(first);
  descriptor[Symbol.dispose]();
  expect(descriptor.closed).toBe(true);
  expect(() => fstatSync(first)).toThrow("EBADF");
  using reused = new FileDescriptor(openSync("/dev/null", "r"));
  expect(reused.fd).toBe(first);
  descriptor[Symbol.dispose]();
  expect(fstatSync(reused.fd).isCharacterDevice()).toBe(true);
  expect(() => descriptor.fd).toThrow("cannot use a descriptor: it is closed");
});
