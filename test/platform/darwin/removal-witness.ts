import { isScoped, textOfSockaddr } from "../../../src/platform/darwin/route-translation.ts";
import { gatewayText, isTagged } from "../../../src/platform/darwin/scoped-reading.ts";
import { replacementsOf } from "../../../src/routes/debt-routes.ts";
import { foldJournal } from "../../../src/routes/journal/journal-state.ts";
import { readJournal } from "../../../src/routes/journal/open-journal.ts";
import { AF, NET_RT, RTM } from "../../../src/wire/pfroute/constants.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import type { RouteMessage } from "../../../src/wire/pfroute/message.ts";
import { decodeBuffer } from "../../../src/wire/pfroute/message-buffer.ts";
import { routeTableName } from "../../../src/wire/pfroute/sysctl-name.ts";
import { type MemoryDirectory, memoryDirectory } from "../../routes/journal/memory-directory.ts";
import type { DarwinRouteHost } from "./route-control-host.ts";

/** An unscoped route that is about to be deleted, and what is surely on the disk at that moment. */
interface WitnessedRemoval {
  readonly prefix: string;
  readonly gateway: string | null;
  readonly interfaceIndex: number;
  readonly isOurs: boolean;
  readonly durable: Buffer;
}

/** Looks at every request for the end of an unscoped route, from its bytes, before the kernel gets it. */
export interface RemovalWitness {
  see(request: RouteMessage): void;
  /** How many there were. */
  readonly count: number;
  /** How many of them were not marked as ours. */
  readonly foreign: number;
  /** Those of which no open debt on the disk speaks. */
  uncovered(): Promise<readonly string[]>;
}

export function removalWitness(host: DarwinRouteHost, directory: MemoryDirectory): RemovalWitness {
  const seen: WitnessedRemoval[] = [];
  return {
    see(request) {
      if (request.type !== RTM.DELETE || isScoped(request)) return;
      const victim = victimOf(host, request);
      if (victim === null) return;
      seen.push({
        prefix: prefixOf(victim),
        gateway: gatewayText(victim),
        interfaceIndex: victim.index,
        isOurs: isTagged(victim, "PROTO2"),
        durable: Buffer.from(directory.names.get("journal")?.durable ?? Buffer.alloc(0)),
      });
    },
    get count() {
      return seen.length;
    },
    get foreign() {
      return seen.filter(({ isOurs }) => !isOurs).length;
    },
    async uncovered() {
      const stray: string[] = [];
      for (const { prefix, gateway, interfaceIndex, durable } of seen) {
        const found = memoryDirectory();
        if (durable.length > 0) found.put("journal", durable);
        const identity = host.control.identity();
        const { records } = await readJournal(found, identity.bootId);
        const { openDebts, hostRoutes } = foldJournal(records, identity);
        const covers = [
          ...openDebts.flatMap((debt) => [
            ...debt.displaced.defaults.map(({ route }) => route),
            ...replacementsOf(debt),
          ]),
          ...hostRoutes.map(({ family, destination, gateway: by, interface: { index } }) => ({
            prefix: `${destination}/${family === "ipv4" ? 32 : 128}`,
            gateway: by,
            interfaceIndex: index,
          })),
        ];
        const isCovered = covers.some(
          (route) =>
            route.prefix === prefix &&
            route.gateway === gateway &&
            route.interfaceIndex === interfaceIndex,
        );
        if (!isCovered) stray.push(`${prefix} by ${gateway} over ${interfaceIndex}`);
      }
      return stray;
    },
  };
}

/** What the kernel is going to delete: it goes by destination, mask and scope alone. */
export function victimOf(host: DarwinRouteHost, request: RouteMessage): RouteMessage | null {
  const family = request.dst?.kind === "inet" ? AF.INET : AF.INET6;
  const table = host.double.sysctl.read(routeTableName(family, NET_RT.DUMP2, 0));
  for (const each of decodeBuffer(table, darwinFormat).messages) {
    if (each.kind !== "route" || isScoped(each)) continue;
    if (prefixOf(each) === prefixOf(request)) return each;
  }
  return null;
}

function prefixOf({ dst, prefixLength }: RouteMessage): string {
  return `${textOfSockaddr(dst)}/${prefixLength}`;
}
