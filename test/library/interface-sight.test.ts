import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import {
  type InterfaceNews,
  type InterfaceSight,
  openInterfaceSight,
} from "../../src/library/interface-sight.ts";
import { startDaemon } from "../e2e/daemon-process.ts";
import { openNamespace, type TestNamespace, until } from "../namespace/namespace.ts";
import { testSurroundings } from "./bound-host.ts";

const surroundings = testSurroundings();

function newsOf(sight: InterfaceSight): InterfaceNews[] {
  const heard: InterfaceNews[] = [];
  sight.onNews((news) => void heard.push(...news));
  return heard;
}

describe.skipIf(process.platform !== "linux")("openInterfaceSight()", () => {
  let host: TestNamespace;
  beforeAll(async () => {
    host = await openNamespace();
    enterNetworkNamespace(host.path);
    host.ip("link add up0 type veth peer name peer0");
  });
  afterAll(() => host[Symbol.dispose]());

  const renew = (): void => {
    host.ip("link del up0");
    host.ip("link add up0 type veth peer name peer0");
  };

  test("looks itself where no daemon answers", async () => {
    await using sight = await openInterfaceSight("up0", {}, surroundings);
    expect(sight.hasDaemonsCount).toBe(false);
    const index = sight.indexOf("up0") ?? 0;
    expect(sight.generationOf(index)).toBe(1);
    expect(await sight.read(index)).toMatchObject({ name: "up0", up: false });
    expect(await sight.read(9_999)).toBeNull();
    const heard = newsOf(sight);
    host.ip("link set up0 up");
    await until("the news", () => heard.some(({ kind }) => kind === "interface-changed"));
    expect(await sight.read(index)).toMatchObject({ up: true });
  });

  test("asks nobody else where only the daemon may be asked", async () => {
    await expect(
      openInterfaceSight("up0", { source: "daemon" }, surroundings),
    ).rejects.toMatchObject({ name: "AdminClientError", code: "no-daemon" });
  });

  test("is told by the daemon, and goes on by itself with the same count when that ends", async () => {
    await using daemon = await startDaemon(host);
    renew();
    await until("the daemon's count", async () => {
      const { interfaces } = await daemon.status();
      return interfaces.some(({ name, generation }) => name === "up0" && generation === 2);
    });
    const choice = { socket: daemon.socketPath };
    await using sight = await openInterfaceSight("up0", choice, surroundings);
    expect(sight.hasDaemonsCount).toBe(true);
    expect(sight.generationOf(sight.indexOf("up0") ?? 0)).toBe(2);
    const heard = newsOf(sight);
    const isTold = (kind: string, generation: number) => () =>
      heard.some(
        (one) => one.interface === "up0" && one.kind === kind && one.generation === generation,
      );
    host.ip("link del up0");
    await until("the loss", isTold("interface-removed", 2));
    host.ip("link add up0 type veth peer name peer0");
    await until("the return", isTold("interface-added", 3));

    let rings = 0;
    sight.onNews((news) => {
      if (news.length === 0) rings += 1;
    });
    await daemon.stop("SIGKILL");
    await until("the change of hands", () => rings === 1);
    expect(sight.generationOf(sight.indexOf("up0") ?? 0)).toBe(3);
    host.ip("link del up0");
    await until("the second loss", isTold("interface-removed", 3));
    host.ip("link add up0 type veth peer name peer0");
    await until("the second return", isTold("interface-added", 4));
  });

  test("passes over a daemon that sees another network", async () => {
    using other = await openNamespace();
    other.ip("link add up0 type veth peer name peer0");
    await using daemon = await startDaemon(other);
    const choice = { socket: daemon.socketPath };
    await using sight = await openInterfaceSight("up0", choice, surroundings);
    expect(sight.hasDaemonsCount).toBe(false);
  });
});
