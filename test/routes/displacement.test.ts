import { expect, test } from "vitest";
import { type Collision, judgeExisting } from "../../src/routes/displacement.ts";
import { defaultRoute } from "./memory-host.ts";

const wanted = defaultRoute("ipv4", 9, "10.9.0.1", { protocol: "199" });
const identical = { ...wanted, protocol: "static" };
const different = { ...identical, gateway: "10.9.0.7" };

test.each<[string, typeof wanted, boolean, boolean, Collision]>([
  ["identical, ours", wanted, true, false, "nothing"],
  ["different, ours", { ...wanted, gateway: "10.9.0.7" }, true, false, "replace"],
  ["identical, someone else's", identical, false, false, "adopt"],
  ["identical, someone else's, with leave", identical, false, true, "adopt"],
  ["different, someone else's", different, false, false, "conflict"],
  ["different, someone else's, with leave", different, false, true, "displace"],
  ["only the source differs", { ...identical, source: "10.0.0.2" }, false, false, "conflict"],
])("judgeExisting() %s", (_name, existing, isOurs, mayDisplace, verdict) => {
  expect(judgeExisting(existing, wanted, isOurs, mayDisplace)).toBe(verdict);
});
