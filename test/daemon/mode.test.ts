import { expect, test } from "vitest";
import { chooseMode } from "../../src/daemon/mode.ts";

test("chooseMode() observes, and says what stands in the way of more", () => {
  const choices = [
    chooseMode(0, true),
    chooseMode(1000, true),
    chooseMode(1000, false),
    chooseMode(0, false),
  ];
  expect(choices.map(({ mode }) => mode)).toEqual(["observe", "observe", "observe", "observe"]);
  expect(choices.map(({ reason }) => reason)).toEqual([
    "as asked by --observe",
    "as asked by --observe",
    "because it does not run as root",
    "because this version manages no routes yet",
  ]);
});
