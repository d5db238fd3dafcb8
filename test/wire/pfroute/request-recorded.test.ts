import { describe, expect, test } from "vitest";
import { AF, RTAX, RTF, RTM, RTV } from "../../../src/wire/pfroute/constants.ts";
import { EncodeError } from "../../../src/wire/pfroute/encode-error.ts";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import { decodeDatagram, type RouteMessage } from "../../../src/wire/pfroute/message.ts";
import {
  encodeRequest,
  type RequestFlag,
  type RequestGateway,
  type RouteRequest,
} from "../../../src/wire/pfroute/request.ts";
import { splitSockaddrs } from "../../../src/wire/pfroute/sockaddr-list.ts";
import { recordedRequests } from "./recordings.ts";

const encode = (request: RouteRequest) => encodeRequest(request, darwinFormat);

const actions = new Map<number, RouteRequest["action"]>([
  [RTM.ADD, "ADD"],
  [RTM.DELETE, "DELETE"],
  [RTM.CHANGE, "CHANGE"],
  [RTM.GET, "GET"],
]);

const flagNames: readonly RequestFlag[] = [
  "UP",
  "GATEWAY",
  "HOST",
  "STATIC",
  "REJECT",
  "BLACKHOLE",
  "PROTO1",
  "PROTO2",
  "PROTO3",
];

function gatewayOf(message: RouteMessage): RequestGateway | null {
  const { gateway } = message;
  if (gateway?.kind === "inet") return { kind: "inet", address: gateway.address };
  if (gateway?.kind === "link") return { kind: "link", interfaceIndex: gateway.index };
  if (gateway?.kind === "inet6")
    return { kind: "inet6", address: gateway.address, interfaceIndex: gateway.embeddedScope };
  return null;
}

/** What a recorded request means, in the encoder's words; null when it has no words for it. */
function meaningOf(bytes: Uint8Array): RouteRequest | null {
  let message: ReturnType<typeof decodeDatagram>;
  try {
    message = decodeDatagram(bytes, darwinFormat);
  } catch {
    return null;
  }
  if (message.kind !== "route") return null;
  const action = actions.get(message.type);
  const { dst, flags } = message;
  if (action === undefined || (dst?.kind !== "inet" && dst?.kind !== "inet6")) return null;
  return {
    action,
    destination: {
      family: dst.kind,
      address: dst.address,
      prefixLength: message.netmask === null ? null : message.prefixLength,
    },
    gateway: gatewayOf(message),
    scope: (flags & RTF.IFSCOPE) === 0 ? null : message.index,
    flags: flagNames.filter((name) => (flags & RTF[name]) !== 0),
    mtu: (message.inits & RTV.MTU) === 0 ? null : message.mtu,
    withInterface: message.ifp !== null,
    pid: message.pid ?? 0,
    seq: message.seq ?? 0,
  };
}

const canonicalLength: Readonly<Record<number, number>> = {
  [AF.INET]: 16,
  [AF.INET6]: 28,
  [AF.LINK]: 20,
};

/** Whether a recorded request has, on purpose, a form that we would never give to its meaning. */
function isOddForm(bytes: Uint8Array): boolean {
  const message = decodeDatagram(bytes, darwinFormat);
  if (message.kind !== "route") return true;
  const { gateway, dst, flags } = message;
  const ours = flagNames.reduce<number>((sum, name) => sum | RTF[name], RTF.IFSCOPE);
  const addrs = (bytes[12] ?? 0) | ((bytes[13] ?? 0) << 8);
  const sockaddrs = splitSockaddrs(bytes, 92, addrs, 4);
  const used = sockaddrs.reduce((sum, sockaddr) => sum + (sockaddr?.length ?? 0), 92);
  const places = (1 << RTAX.DST) | (1 << RTAX.GATEWAY) | (1 << RTAX.NETMASK) | (1 << RTAX.IFP);
  return (
    (addrs & ~places) !== 0 || // a sockaddr that we never send
    (flags & ~ours) !== 0 || // a flag that we never send
    ((flags & RTF.IFSCOPE) === 0 && message.index !== 0) || // an index without a scope
    message.errno !== 0 ||
    used !== bytes.length || // trailing bytes
    sockaddrs.some(
      (sockaddr) => sockaddr && canonicalLength[sockaddr[1] ?? 0] !== sockaddr.length,
    ) ||
    (gateway?.kind === "link" && (gateway.name !== "" || gateway.index === 0)) || // a gateway by name
    (gateway?.kind === "inet6" && gateway.scopeId !== 0) || // sin6_scope_id set as well
    (dst?.kind === "inet6" && dst.scopeId + dst.embeddedScope !== 0) // a scoped destination
  );
}

describe("encodeRequest()", () => {
  const recorded = recordedRequests().flatMap(({ where, bytes }) => {
    const request = meaningOf(bytes);
    return request === null || isOddForm(bytes) ? [] : [{ where, bytes, request }];
  });

  test("writes, byte for byte, every recorded request whose form is ours, or refuses it", () => {
    const refused: string[] = [];
    for (const { where, bytes, request } of recorded) {
      try {
        expect(encode(request), where).toEqual(bytes);
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error;
        refused.push(error.code);
      }
    }
    expect(recorded.length - refused.length).toBeGreaterThan(500);
    expect(new Set(refused)).toEqual(
      new Set(["bad-index", "bad-address", "bits-beyond-prefix", "no-gateway", "unscoped-gateway"]),
    );
  });

  test("writes each kind of request that was recorded", () => {
    const kinds = new Set(
      recorded.map(
        ({ request: { action, scope, gateway, destination } }) =>
          `${action} ${scope === null ? "unscoped" : "scoped"} ${destination.family} ${gateway?.kind}`,
      ),
    );
    for (const action of ["ADD", "CHANGE", "DELETE", "GET"])
      for (const scope of ["scoped", "unscoped"])
        for (const gateway of ["inet inet", "inet link", "inet6 inet6", "inet6 link"])
          expect(kinds).toContain(`${action} ${scope} ${gateway}`);
  });

  // These recordings show what XNU does with such a request; it must never be ours.
  test("refuses a scope of 0, with which XNU adds an unscoped route and answers success", () => {
    const sent = recordedRequests()
      .map(({ bytes }) => meaningOf(bytes))
      .filter((request) => request?.scope === 0);
    expect(sent.length).toBeGreaterThan(0);
    for (const request of sent)
      if (request !== null)
        expect(() => encode(request)).toThrow(expect.objectContaining({ code: "bad-index" }));
  });
});
