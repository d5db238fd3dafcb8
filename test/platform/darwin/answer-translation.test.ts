import { describe, expect, test } from "vitest";
import {
  answerByList,
  listRoutes,
  translateAnswer,
} from "../../../src/platform/darwin/answer-translation.ts";
import { RTF, RTM } from "../../../src/wire/pfroute/constants.ts";
import type { RouteMessage } from "../../../src/wire/pfroute/message.ts";

const address = Uint8Array.of(1, 0, 0, 1);

/** An IPv4 route by a router, unless `gateway` is null. */
function message(
  destination: readonly number[],
  prefixLength: number,
  index: number,
  gateway: readonly number[] | null,
  flags = 0,
): RouteMessage {
  return {
    kind: "route",
    type: RTM.GET,
    index,
    flags: RTF.UP | (gateway === null ? 0 : RTF.GATEWAY) | flags,
    pid: null,
    seq: null,
    errno: null,
    referenceCount: null,
    parentFlags: null,
    use: 0,
    inits: 0,
    mtu: 1500,
    expire: 0,
    dst: { kind: "inet", address: Uint8Array.from(destination), scopeId: 0 },
    gateway:
      gateway === null
        ? { kind: "link", index, interfaceType: 1, name: "", address: new Uint8Array() }
        : { kind: "inet", address: Uint8Array.from(gateway), scopeId: 0 },
    netmask: null,
    prefixLength,
    ifp: null,
    ifa: null,
  };
}

const zero = [0, 0, 0, 0];
const router = [192, 0, 2, 1];
const plain = message(zero, 0, 2, router);
const half = message(zero, 1, 4, null);
const twin = message(zero, 0, 2, router, RTF.IFSCOPE);
const strayTwin = message(zero, 0, 2, [192, 0, 2, 9], RTF.IFSCOPE);
const clone = (index: number, gateway: readonly number[] | null, flags = 0): RouteMessage =>
  message([...address], 32, index, gateway, RTF.HOST | RTF.WASCLONED | flags);

describe("translateAnswer()", () => {
  test("a clone for the very address is the route that it was made of, the longest first", () => {
    const listed = listRoutes([plain, half]);
    const [whole, part] = listed.routes;
    expect(translateAnswer(clone(2, router), address, listed).route).toBe(whole);
    expect(translateAnswer(clone(4, null), address, listed).route).toBe(part);
    expect(translateAnswer(clone(2, router, RTF.IFSCOPE), address, listed).route).toBe(whole);
  });

  test("a clone of a scoped route that leads elsewhere is that route's way", () => {
    const listed = listRoutes([plain, strayTwin]);
    const { route, missing } = translateAnswer(clone(2, [192, 0, 2, 9]), address, listed);
    expect(route).toMatchObject({ prefix: "0.0.0.0/0", gateway: "192.0.2.9" });
    expect(missing).toBe(false);
  });

  test("a clone of nothing in the list stands for itself, and is not missing", () => {
    const { route, missing } = translateAnswer(clone(3, router), address, listRoutes([plain]));
    expect(route).toMatchObject({ prefix: "1.0.0.1/32", interfaceIndex: 3 });
    expect(missing).toBe(false);
  });

  test("an unscoped short answer that the list lacks is missing; a longer or a scoped one is not", () => {
    const listed = listRoutes([plain]);
    expect(translateAnswer(half, address, listed).missing).toBe(true);
    expect(translateAnswer(message([1, 0, 0, 0], 8, 3, router), address, listed).missing).toBe(
      false,
    );
    expect(translateAnswer(strayTwin, address, listed).missing).toBe(false);
    expect(translateAnswer(null, address, listed)).toEqual({ route: null, missing: false });
  });

  test("a mask with gaps has no words", () => {
    const odd = { ...plain, prefixLength: null };
    expect(listRoutes([odd]).routes).toEqual([]);
    expect(translateAnswer(odd, address, listRoutes([])).route).toBeNull();
  });
});

describe("answerByList()", () => {
  test("is the longest unscoped route over the address", () => {
    expect(answerByList(address, listRoutes([plain, half]))).toBe(half);
    expect(answerByList(Uint8Array.of(128, 0, 0, 1), listRoutes([plain, half]))).toBe(plain);
  });

  test("is the scoped twin where there is one, and never a scoped route of another interface", () => {
    expect(answerByList(address, listRoutes([plain, twin]))).toBe(twin);
    const other = message(zero, 0, 3, router, RTF.IFSCOPE);
    expect(answerByList(address, listRoutes([plain, other]))).toBe(plain);
    expect(answerByList(address, listRoutes([other]))).toBeNull();
  });
});
