import { expect, test } from "vitest";
import {
  bindToInterface,
  readBoundInterface,
} from "../../../native-bindings/darwin/bound-interface.ts";

test.each(["ipv4", "ipv6"] as const)(
  "bindToInterface() of %s throws what the kernel says",
  (family) => {
    expect(() => bindToInterface(0xffff, family, 2)).toThrow(
      "cannot bind a socket to interface 2: setsockopt: bad file descriptor (EBADF)",
    );
  },
);

test.each(["ipv4", "ipv6"] as const)(
  "readBoundInterface() of %s throws what the kernel says",
  (family) => {
    expect(() => readBoundInterface(0xffff, family)).toThrow(
      "cannot read the interface that a socket is bound to: getsockopt: bad file descriptor (EBADF)",
    );
  },
);
