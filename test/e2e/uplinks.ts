import { openNamespace, type TestNamespace } from "../namespace/namespace.ts";

/** A host with two uplinks, and the other ends of them in a namespace of their own. */
export interface TwoUplinks extends Disposable {
  readonly host: TestNamespace;
  readonly router: TestNamespace;
}

/**
 * `up0` (10.0.0.2/24, gateway 10.0.0.1) and `up1` (10.1.0.2/24, gateway 10.1.0.1), both up, with router
 * addresses fe80::1 and fe80::2; no default yet.
 */
export async function openTwoUplinks(): Promise<TwoUplinks> {
  const host = await openNamespace();
  const router = await openNamespace();
  for (const at of [0, 1]) {
    host.ipBatch([
      `link add up${at} type veth peer name peer${at}`,
      `link set peer${at} netns ${router.pid}`,
      `link set up${at} up`,
      `address add 10.${at}.0.2/24 dev up${at}`,
    ]);
    router.ipBatch([
      `link set peer${at} up`,
      `address add 10.${at}.0.1/24 dev peer${at}`,
      `address add fe80::${at + 1}/64 dev peer${at} nodad`,
    ]);
  }
  return {
    host,
    router,
    [Symbol.dispose]() {
      host[Symbol.dispose]();
      router[Symbol.dispose]();
    },
  };
}

/** veths are containers' links unless config says otherwise; here they play a host's real uplinks. */
export const uplinkConfig =
  '[interfaces]\nkinds = { "up*" = "physical", "wan*" = "physical", "tun*" = "tunnel" }\n';
