import { expect, test } from "vitest";
import * as constants from "../../../src/wire/pfroute/constants.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import { readLayouts } from "./recordings.ts";

const { structs, constants: recorded } = readLayouts();

/** Which struct begins a message of each type, and under which names its fields are known there. */
const structOf: Readonly<Record<string, readonly string[]>> = {
  rt_msghdr: ["ADD", "DELETE", "CHANGE", "GET", "LOSING", "REDIRECT", "MISS", "LOCK", "RESOLVE"],
  rt_msghdr2: ["GET2"],
  if_msghdr: ["IFINFO"],
  if_msghdr2: ["IFINFO2"],
  ifa_msghdr: ["NEWADDR", "DELADDR"],
  ifma_msghdr: ["NEWMADDR", "DELMADDR"],
  ifma_msghdr2: ["NEWMADDR2"],
};

const fieldName: Readonly<Record<string, string>> = {
  index: "index",
  flags: "flags",
  addrs: "addrs",
  pid: "pid",
  seq: "seq",
  errno: "errno",
  referenceCount: "refcnt",
  parentFlags: "parentflags",
  use: "use",
  inits: "inits",
  metric: "metric",
};

/** Fields of a struct within the header's struct: offset of the inner one, then its name. */
const nested: Readonly<Record<string, readonly [string, string, string]>> = {
  "route.mtu": ["rtm_rmx", "rt_metrics", "rmx_mtu"],
  "route.metricLocks": ["rtm_rmx", "rt_metrics", "rmx_locks"],
  "route.expire": ["rtm_rmx", "rt_metrics", "rmx_expire"],
  "interface.mtu": ["ifm_data", "if_data64", "ifi_mtu"],
  "interface.interfaceType": ["ifm_data", "if_data64", "ifi_type"],
};

function offsetIn(struct: string, field: string): number | undefined {
  const fields = structs[struct]?.fields ?? {};
  const found = Object.entries(fields).find(([name]) => name.replace(/^[a-z]+_/, "") === field);
  return found?.[1][0];
}

test.each(
  Object.entries(structOf).flatMap(([struct, types]) => types.map((type) => [type, struct])),
)("darwinFormat places every field of RTM_%s as struct %s does", (type, struct) => {
  const layout = darwinFormat.layouts.get(recorded.RTM?.[`RTM_${type}`] ?? -1);
  if (layout === undefined) throw new Error(`no layout for RTM_${type}`);
  expect(layout.headerLength).toBe(structs[struct]?.sizeof);
  for (const [name, offset] of Object.entries(layout)) {
    if (name === "kind" || name === "headerLength") continue;
    const inner = nested[`${layout.kind}.${name}`];
    if (inner === undefined) {
      expect(offset ?? undefined, name).toBe(offsetIn(struct, fieldName[name] ?? ""));
      continue;
    }
    const [outer, innerStruct, field] = inner;
    const base = structs[struct]?.fields[outer]?.[0] ?? Number.NaN;
    expect(offset, name).toBe(base + (structs[innerStruct]?.fields[field]?.[0] ?? Number.NaN));
  }
});

test("the constants are those of the recorded version", () => {
  for (const [group, values] of Object.entries(constants)) {
    for (const [name, value] of Object.entries(values))
      expect(value, `${group}_${name}`).toBe(recorded[group]?.[`${group}_${name}`]);
  }
  expect(darwinFormat.version).toBe(recorded.RTM?.RTM_VERSION);
});
