import { readdirSync } from "node:fs";
import { expect, test } from "vitest";

const folder = new URL("../../../native-bindings/darwin/", import.meta.url);

test.each(readdirSync(folder))(
  "%s can be imported on any system: nothing is bound before a call",
  async (file) => {
    expect(Object.keys(await import(new URL(file, folder).href))).not.toEqual([]);
  },
);
