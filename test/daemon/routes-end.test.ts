import { beforeEach, expect, test } from "vitest";
import { endRoutes } from "../../src/daemon/routes-end.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import type { Journal } from "../../src/routes/journal/journal.ts";
import { createRouteKeeper, type RouteKeeper } from "../../src/routes/route-keeper.ts";
import {
  auto,
  defaultRoute,
  displacing,
  type MemoryHost,
  memoryHost,
  never,
  tag,
} from "../routes/memory-host.ts";
import { silentLog } from "./admin-fixture.ts";

let host: MemoryHost;
let journal: Journal;
let keeper: RouteKeeper;
let before: unknown;
let original: readonly DefaultRoute[];

beforeEach(async () => {
  host = memoryHost();
  before = host.snapshot();
  original = host.platform.kernel.defaults("ipv4").routes;
  journal = await host.openJournal();
  keeper = createRouteKeeper(
    {
      workplace: host.workplace(journal),
      policy: auto,
      tag,
      carrierGraceMs: 5_000,
      now: () => host.moment().epochMs,
      random: () => 0,
      holds: () => [],
      onReconciled: () => undefined,
      onFailure: () => undefined,
    },
    never,
  );
  await keeper.follow(host.platform.kernel.interfaces);
  await keeper.displace(displacing(defaultRoute("ipv4", 9, null, { metric: 0 })));
});

interface Said {
  readonly level: "warn" | "error";
  readonly message: string;
}

async function end(onStop: "remove" | "keep" = "remove"): Promise<readonly Said[]> {
  const said: Said[] = [];
  await endRoutes(
    {
      keeper,
      workplace: host.workplace(journal),
      onStop,
      interfaces: host.platform.kernel.interfaces,
      tag,
      moment: host.moment,
      log: {
        ...silentLog,
        warn: (message) => said.push({ level: "warn", message }),
        error: (message) => said.push({ level: "error", message }),
      },
    },
    never,
  );
  await journal[Symbol.asyncDispose]();
  return said;
}

test("endRoutes() brings back what was displaced and takes away what is scoped", async () => {
  expect(host.snapshot()).not.toEqual(before);
  expect(await end()).toEqual([]);
  expect(host.snapshot()).toEqual(before);
});

test("endRoutes() leaves what is scoped when it shall stay, and brings defaults back all the same", async () => {
  const { ipv4, ipv6 } = before as { readonly ipv4: unknown; readonly ipv6: unknown };
  expect(await end("keep")).toEqual([]);
  expect(host.snapshot()).toMatchObject({ ipv4, ipv6 });
  expect(host.platform.kernel.scopedRoutes).toHaveLength(3);
});

test("endRoutes() does the same on a full disk, whatever must be written down first", async () => {
  // Somebody else has brought the default back: all that the debt needs is a record.
  host.platform.controls.setDefaults("ipv4", original);
  host.directory.capacity = 0;
  expect(await end()).toEqual([
    {
      level: "warn",
      message: "the journal cannot be written: the routes are brought back without it",
    },
  ]);
  expect(host.snapshot()).toEqual(before);
  host.directory.capacity = Number.POSITIVE_INFINITY;
  expect(await host.restore()).toMatchObject({ kind: "done", exitCode: 0 });
  expect(host.snapshot()).toEqual(before);
});

test("endRoutes() says what to do when the system itself refuses", async () => {
  host.control.controls.before = ({ kind }) => {
    if (kind === "read") throw new Error("the kernel is gone");
  };
  expect(await end()).toEqual([
    {
      level: "error",
      message:
        "the routes could not be brought back; run `netwatch routes restore` when that is mended",
    },
  ]);
});
