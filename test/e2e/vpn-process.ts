import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { TestNamespace } from "../namespace/namespace.ts";

/** A VPN that owns the defaults of a host, until it is killed. */
export interface VpnProcess extends AsyncDisposable {
  /** Ends it by SIGKILL; nothing is cleaned up but what the kernel itself takes away, and that a little later. */
  kill(): Promise<void>;
}

/** How a VPN takes the defaults over. */
export type TakeOver = "replace" | "metric" | "split";

/** What the VPN's device is: `tun` and `veth` are gone with its process, `left` stays. */
export type VpnDevice = "tun" | "veth" | "left";

/** The devices that go with their process, as far as this user may make them. */
export function vanishingDevices(): readonly VpnDevice[] {
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
    return ["tun", "veth"];
  } catch {
    return ["veth"];
  }
}

/** Starts a VPN and waits until it owns the defaults. */
export async function startVpn(
  host: TestNamespace,
  device: VpnDevice,
  way: TakeOver,
): Promise<VpnProcess> {
  const program = join(import.meta.dirname, "vpn.py");
  const child = host.spawn("python3", [program, device, way], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  if (child.stdout === null) throw new Error("the VPN has no output");
  const end = once(child, "close");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await end;
  };
  const [said] = await Promise.race([once(child.stdout, "data"), end]);
  if (String(said) !== "up\n") {
    await kill();
    throw new Error(`the VPN did not come up: ${said} ${complaint}`);
  }
  return { kill, [Symbol.asyncDispose]: kill };
}
