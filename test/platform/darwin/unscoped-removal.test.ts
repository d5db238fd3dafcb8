import fc from "fast-check";
import { expect, test } from "vitest";
import { isScoped, translateRoute } from "../../../src/platform/darwin/route-translation.ts";
import type { RecordedDefault } from "../../../src/platform/route-control.ts";
import { RTM } from "../../../src/wire/pfroute/constants.ts";
import { victimOf } from "./removal-witness.ts";
import {
  type DarwinRouteHost,
  never,
  openDarwinRouteHost,
  scopedOver,
} from "./route-control-host.ts";

const uplinks = ["en0", "en1", "utun0"] as const;
const gateways: Readonly<Record<string, readonly (string | null)[]>> = {
  en0: ["192.0.2.1", "192.0.2.9", "2001:db8::1", "fe80::1"],
  en1: ["198.51.100.1", "198.51.100.9", "fe80::1"],
  utun0: [null, "10.9.0.2"],
};
const prefixes = ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "8000::/1"] as const;

/** One thing that somebody does; the numbers choose among what there is. */
const event = fc.record({
  who: fc.constantFrom("control", "other"),
  what: fc.constantFrom("add-scoped", "remove-scoped", "add", "remove", "change", "read"),
  link: fc.constantFrom(...uplinks),
  gateway: fc.nat(3),
  prefix: fc.constantFrom(...prefixes),
  /** Somebody else does the same thing between this one's readings and its request. */
  race: fc.boolean(),
});
type Event = Readonly<typeof event extends fc.Arbitrary<infer Value> ? Value : never>;

function gatewayOf({ link, gateway }: Event): string | null {
  const known = gateways[link] ?? [];
  return known[gateway % known.length] ?? null;
}

/** Another program of the host; what the kernel refuses is nothing. */
function actAsOther(host: DarwinRouteHost, given: Event): void {
  const gateway = gatewayOf(given);
  const scoped = given.what.endsWith("scoped");
  const verb = given.what.startsWith("remove") ? "DELETE" : "ADD";
  const prefix = scoped ? (gateway?.includes(":") ? "::/0" : "0.0.0.0/0") : given.prefix;
  try {
    host.route(given.what === "change" ? "CHANGE" : verb, {
      prefix,
      interface: given.link,
      gateway,
      scoped,
    });
  } catch {}
}

test("no unscoped route is asked to go but by removeDefault() of the very one that was read", async () => {
  let removals = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 4, maxLength: 25 }), async (events) => {
      await using host = openDarwinRouteHost();
      host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
      host.route("ADD", { prefix: "::/0", interface: "en1", gateway: "fe80::1", flags: [] });
      let known: readonly RecordedDefault[] = (await host.reading()).defaults;
      /** What removeDefault() was given, while it runs. */
      let recorded: RecordedDefault | null = null;
      let race: Event | null = null;
      host.beforeSend = (request) => {
        if (request.type === RTM.DELETE && !isScoped(request)) {
          removals += 1;
          const victim = victimOf(host, request);
          const { prefix, gateway, interfaceIndex, protocol } =
            (victim === null ? null : translateRoute(victim)) ?? {};
          expect(recorded?.route).toMatchObject({ prefix, gateway, interfaceIndex, protocol });
        }
        if (request.type !== RTM.GET && race !== null) {
          const again = race;
          race = null;
          actAsOther(host, again);
        }
      };
      const act = async (given: Event): Promise<void> => {
        const { control } = host;
        const entry = scopedOver(host, given.link, gatewayOf(given));
        const [first] = known;
        switch (given.what) {
          case "add-scoped":
            await control.addScoped(entry, never);
            return;
          case "remove-scoped":
            await control.removeScoped(entry, never);
            return;
          case "add":
          case "change": {
            if (first === undefined) return;
            const route = { ...first.route, prefix: given.prefix, gateway: gatewayOf(given) };
            await control.addDefault({ ...first, route }, "prepend", never);
            return;
          }
          case "remove": {
            const target = known.find(({ route }) => route.prefix === given.prefix) ?? first;
            if (target === undefined) return;
            recorded = target;
            await control.removeDefault(target, never);
            return;
          }
          case "read":
            known = (await control.read(never)).defaults;
            return;
          default:
            return given.what satisfies never;
        }
      };
      for (const given of events) {
        if (given.who === "other") actAsOther(host, given);
        else {
          race = given.race ? given : null;
          // What the kernel or the control refuses is refused.
          await act(given).catch((error: unknown) => {
            if (!(error instanceof Error) || error.name !== "PlatformError") throw error;
          });
          recorded = null;
          race = null;
        }
      }
    }),
    { numRuns: 300 },
  );
  expect(removals).toBeGreaterThan(100);
}, 60_000);
