import { expect, test } from "vitest";
import { formatIpAddress, type IpFamily, ipFamilies } from "../../../src/network/address.ts";
import type { DefaultRoute } from "../../../src/network/route.ts";
import { AF, RTF } from "../../../src/wire/pfroute/constants.ts";
import { hex, readRandomRecordings } from "../../wire/pfroute/recordings.ts";
import { openDarwinHost } from "./darwin-host.ts";
import { addressBytes, newConfiguredHost, runCommand } from "./host-command.ts";
import type { Kernel } from "./kernel.ts";
import { newSocket } from "./kernel-socket.ts";
import { hasFlag, type RouteEntry, specificity } from "./route-entry.ts";
import { lookUpRoute } from "./route-lookup.ts";
import { writeRequest } from "./route-request.ts";

const probes = { ipv4: ["1.0.0.1", "128.0.0.1"], ipv6: ["2000::1", "3ffe::1"] } as const;
const numbers = { ipv4: AF.INET, ipv6: AF.INET6 } as const;

/** Destination and exit of a route, without what the platform and the model name differently. */
function ofEntry(entry: RouteEntry): string {
  const refuses = hasFlag(entry, RTF.REJECT) || hasFlag(entry, RTF.BLACKHOLE);
  return `${formatIpAddress(entry.key.bytes)} ${refuses ? "-" : entry.interface.index}`;
}

function ofRoute({ prefix, interfaceIndex }: DefaultRoute): string {
  return `${prefix.split("/")[0]} ${interfaceIndex ?? "-"}`;
}

/** The unscoped network routes of at most seven bits, groups left out, by the model itself. */
function shortEntries(kernel: Kernel, family: IpFamily): readonly RouteEntry[] {
  return kernel.tables[numbers[family]].entries.filter(
    (entry) =>
      !hasFlag(entry, RTF.HOST) &&
      !hasFlag(entry, RTF.IFSCOPE) &&
      entry.mask !== null &&
      specificity(entry.mask) <= 7 &&
      (entry.key.bytes[0] ?? 0) < 0xe0,
  );
}

test.each(readRandomRecordings().map((recording) => [recording.name, recording] as const))(
  "read() says what the table has after %s, and answers as the kernel looks up",
  async (_, { steps }) => {
    const kernel = newConfiguredHost();
    const socket = newSocket(700, true);
    kernel.sockets.add(socket);
    await using host = openDarwinHost(kernel);
    for (const step of steps) {
      if (step.hex_in === undefined) runCommand(kernel, step.cmd ?? "");
      else writeRequest(kernel, socket, hex(step.hex_in));
      socket.queue.length = 0;
      for (const family of ipFamilies) {
        const { routes, answers } = await host.defaults(family);
        expect(routes.map(ofRoute)).toEqual(shortEntries(kernel, family).map(ofEntry));
        const found = probes[family].map((address) => {
          const destination = { family: numbers[family], bytes: addressBytes(address), scope: 0 };
          const entry = lookUpRoute(kernel, destination, null, 0);
          return entry === null ? null : ofEntry(entry);
        });
        expect(answers.map((answer) => (answer === null ? null : ofRoute(answer)))).toEqual(found);
      }
    }
  },
);
