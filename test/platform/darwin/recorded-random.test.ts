import { describe, expect, test } from "vitest";
import { hex, readRandomRecordings } from "../../wire/pfroute/recordings.ts";
import { newConfiguredHost, runCommand } from "./host-command.ts";
import { newSocket } from "./kernel-socket.ts";
import { writeRequest } from "./route-request.ts";
import { readSysctl } from "./sysctl-answer.ts";

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("the double does in a random sequence what XNU did, byte for byte", () => {
  test.each(readRandomRecordings().map((recording) => [recording.name, recording] as const))(
    "%s",
    (_, { steps, dumps }) => {
      const kernel = newConfiguredHost();
      const socket = newSocket(501, true);
      kernel.sockets.add(socket);
      for (const [at, step] of steps.entries()) {
        const errno =
          step.hex_in === undefined
            ? runCommand(kernel, step.cmd ?? "")
            : writeRequest(kernel, socket, hex(step.hex_in));
        const received = socket.queue.splice(0).map(toHex);
        expect({ at, errno, received }).toEqual({ at, errno: step.errno, received: step.recv });
      }
      for (const { mib, hex: recorded } of dumps)
        expect({ mib, dump: toHex(readSysctl(kernel, mib)) }).toEqual({ mib, dump: recorded });
    },
  );
});
