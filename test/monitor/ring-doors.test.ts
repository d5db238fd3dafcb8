import { expect, test } from "vitest";
import { createHostModel } from "../../src/monitor/host-model.ts";
import { interfacePolicy } from "../../src/monitor/interface-policy.ts";
import { ringDoors } from "../../src/monitor/ring-doors.ts";
import { memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";

test("ringDoors() gives what matters a door of its own, and all churn one", () => {
  const policy = interfacePolicy(["veth*"], {});
  const model = createHostModel(policy);
  const interfaces = [
    memoryInterface(2, "eth0"),
    memoryInterface(3, "veth3"),
    memoryInterface(4, "veth4"),
    memoryInterface(5, "veth5"),
  ];
  const network = {
    interfaces: new Map(interfaces.map((one) => [one.index, one])),
    defaults: {
      ipv4: { routes: [memoryDefault("10.0.0.1", 5)], answers: [] },
      ipv6: { routes: [], answers: [] },
    },
  };
  model.commit(model.advance({ network, changed: new Set(network.interfaces.keys()) }, 0));
  const hints = [
    ...[2, 3, 4, 5, 99].map((index) => ({ kind: "interface", index }) as const),
    { kind: "defaults", family: "ipv6" } as const,
    { kind: "defaults", family: "ipv6", suspected: true } as const,
    { kind: "all", reason: "overflow" } as const,
  ];
  expect(ringDoors(hints, model.state(), policy)).toEqual([
    "interface 2",
    "churn",
    "churn",
    "interface 5",
    "churn",
    "ipv6",
    "churn",
    "all",
  ]);
});
