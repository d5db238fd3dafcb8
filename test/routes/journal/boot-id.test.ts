import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readBootId } from "../../../src/routes/journal/boot-id.ts";

describe.skipIf(process.platform !== "linux")("on Linux", () => {
  test("readBootId() gives what the kernel says", async () => {
    const text = readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
    expect(`${await readBootId()}\n`).toBe(text);
  });
});

test("readBootId() refuses what is no UUID", async () => {
  await expect(readBootId(async () => "\n")).rejects.toMatchObject({ code: "failed" });
  await expect(
    readBootId(async () => {
      throw Object.assign(new Error("no"), { code: "EACCES" });
    }),
  ).rejects.toMatchObject({ code: "not-permitted" });
});
