import { expect, test } from "vitest";
import { chooseMode } from "../../src/daemon/mode.ts";

const able = { uid: 0, observe: false, canChangeRoutes: true, processStatus: null };
const status = (capabilities: string): string => `Name:\tnode\nCapEff:\t${capabilities}\n`;

test("chooseMode() manages as root, with what it takes", () => {
  expect(chooseMode(able)).toEqual({ mode: "manage", reason: "as root" });
  expect(chooseMode({ ...able, processStatus: status("000001ffffffffff") }).mode).toBe("manage");
  expect(chooseMode({ ...able, processStatus: status("0000000000001000") }).mode).toBe("manage");
});

test("chooseMode() observes, and says what stands in the way of more", () => {
  const choices = [
    chooseMode({ ...able, observe: true }),
    chooseMode({ ...able, uid: 1000, observe: true }),
    chooseMode({ ...able, uid: 1000 }),
    chooseMode({ ...able, canChangeRoutes: false }),
    chooseMode({ ...able, processStatus: status("00000000a80425fb") }),
  ];
  expect(choices.map(({ mode }) => mode)).not.toContain("manage");
  expect(choices.map(({ reason }) => reason)).toEqual([
    "as asked by --observe",
    "as asked by --observe",
    "because it does not run as root",
    "because it manages the routes of Linux and macOS only",
    "because this root has no CAP_NET_ADMIN",
  ]);
  expect(choices.map(({ remedy }) => remedy ?? null)).toEqual([
    "start netwatchd without --observe",
    "start netwatchd without --observe",
    "start netwatchd as root",
    null,
    "start netwatchd with CAP_NET_ADMIN",
  ]);
});
