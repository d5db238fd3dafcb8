import { writeFileSync } from "node:fs";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import type { Explanation, ExplanationWarning } from "../../src/admin-api/explanation-schema.ts";
import { explainPacket } from "../../src/explain/explain.ts";
import type { Packet } from "../../src/network/packet.ts";
import { openLinuxRouteInquiry } from "../../src/platform/linux/linux-route-inquiry.ts";
import type { RuleInquiry } from "../../src/platform/route-inquiry.ts";
import { openNamespace, type TestNamespace } from "../namespace/namespace.ts";

/** A packet in a test's words: interfaces by name, and only what is not as usual. */
interface AskedPacket extends Partial<Omit<Packet, "destination" | "boundTo" | "arrivesOn">> {
  readonly boundTo?: string;
  readonly arrivesOn?: string;
}

/** A host of the test's own, that the test's process has entered. */
export interface ExplainedHost extends AsyncDisposable {
  readonly namespace: TestNamespace;
  explain(destination: string, packet?: AskedPacket): Promise<Explanation>;
  /** Writes `/proc/sys/net/NAME`. */
  setSysctl(name: string, value: number): void;
}

/** Makes a namespace with eth0 (10.0.0.5, fd00::5) and eth1 (10.1.0.5, fd01::5), both up, and enters it. */
export async function openExplainedHost(): Promise<ExplainedHost> {
  const namespace = await openNamespace();
  enterNetworkNamespace(namespace.path);
  namespace.ipBatch(
    [0, 1].flatMap((net) => [
      `link add eth${net} type veth peer name peer${net}`,
      `link set eth${net} up`,
      `link set peer${net} up`,
      `addr add 10.${net}.0.5/24 dev eth${net}`,
      `addr add fd0${net}::5/64 dev eth${net} nodad`,
    ]),
  );
  const inquiry: RuleInquiry = openLinuxRouteInquiry();
  const { signal } = new AbortController();
  return {
    namespace,
    async explain(destination, asked = {}) {
      const links = await inquiry.readLinks(signal);
      const indexOf = (name: string | undefined): number | null =>
        [...links.values()].find((link) => link.name === name)?.index ?? null;
      const packet: Packet = {
        family: destination.includes(":") ? "ipv6" : "ipv4",
        source: null,
        mark: 0,
        uid: 0,
        tos: 0,
        protocol: 17,
        sourcePort: null,
        destinationPort: null,
        ...asked,
        destination,
        boundTo: indexOf(asked.boundTo),
        arrivesOn: indexOf(asked.arrivesOn),
      };
      return await explainPacket(inquiry, packet, null, links, signal);
    },
    setSysctl: (name, value) => writeFileSync(`/proc/sys/net/${name}`, String(value)),
    async [Symbol.asyncDispose]() {
      await inquiry[Symbol.asyncDispose]();
      namespace[Symbol.dispose]();
    },
  };
}

/** The warning of that code; undefined when there is none. */
export function warningOf(
  { warnings }: Explanation,
  code: ExplanationWarning["code"],
): ExplanationWarning | undefined {
  return warnings.find((warning) => warning.code === code);
}
