import fc from "fast-check";
import { expect, test } from "vitest";
import type { DefaultRoute } from "../../src/network/route.ts";
import { insertDefault, withoutDefault } from "../../src/platform/memory/default-insertion.ts";
import { putBack } from "../../src/routes/put-back.ts";
import { defaultRoute } from "./memory-host.ts";

const recorded = [1, 2, 3, 4, 5].map((last) =>
  defaultRoute("ipv4", 2, `10.0.0.${last}`, { metric: 7, position: last - 1 }),
);
const interfaces = new Map([[2, { name: "eth0" }]]) as never;

test("putBack() gives any missing ones of equal key their places again, whatever still stands", () => {
  fc.assert(
    fc.property(fc.subarray([0, 1, 2, 3, 4]), (missingPlaces) => {
      let standing: readonly DefaultRoute[] = recorded.filter(
        (_, at) => !missingPlaces.includes(at),
      );
      const record = (route: DefaultRoute) => ({ route, raw: new Uint8Array() });
      const steps = putBack(
        "debt",
        missingPlaces.flatMap((place) => {
          const route = recorded[place];
          return route === undefined
            ? []
            : [
                {
                  place,
                  owed: { kind: "addable" as const, record: record(route), deviation: null },
                },
              ];
        }),
        recorded,
        standing.map(record),
        recorded,
        { interfaces, traits: { metrics: true, ordered: ["ipv4"], scoped: "rules" } },
      );
      for (const step of steps) {
        if (step.kind === "add-default")
          standing = insertDefault(standing, step.record.route, step.placement) ?? [];
        else if (step.kind === "remove-default")
          standing = withoutDefault(standing, step.record.route) ?? [];
        // No step leaves the host without any.
        expect(standing).not.toEqual([]);
      }
      expect(standing.map(({ gateway }) => gateway)).toEqual(
        recorded.map(({ gateway }) => gateway),
      );
    }),
  );
});
