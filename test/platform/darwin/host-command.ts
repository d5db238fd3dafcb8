import { parseIpAddress } from "../../../src/network/address.ts";
import { Errno } from "./errno.ts";
import { attach, newHost } from "./host.ts";
import { addInet6Address, linkLocalOf, removeInet6Address } from "./inet6-address.ts";
import {
  addInetAddress,
  bringDown,
  bringUp,
  detach,
  removeInetAddress,
  setMtu,
} from "./interface-command.ts";
import { attachedInterfaces, type Interface, type Kernel } from "./kernel.ts";

/**
 * Runs one command on the host, as a recording writes it: `addr en0 192.0.2.10/24`, `addr utun0 10.9.0.1/32
 * 10.9.0.2`, `deladdr en0 192.0.2.10`, `llstart en0`, `ifup en0`, `ifdown en0`, `mtu en0 1400`,
 * `link en0 1`, `detach en0`, `attach utun1 tunnel`, `attach en2 ethernet 02:aa:bb:cc:dd:02`.
 *
 * @returns an errno
 */
export function runCommand(kernel: Kernel, command: string): number {
  const [verb = "", name = "", first = "", second] = command.split(" ");
  if (verb === "attach") {
    const mac = (second ?? "").split(":").filter((byte) => byte !== "");
    attach(
      kernel,
      name,
      first === "ethernet" ? "ethernet" : "tunnel",
      Uint8Array.from(mac, (byte) => Number.parseInt(byte, 16)),
    );
    return Errno.OK;
  }
  const owner = interfaceNamed(kernel, name);
  switch (verb) {
    case "addr":
      return addAddress(kernel, owner, first, second ?? null);
    case "deladdr":
      return removeAddress(kernel, owner, addressBytes(first));
    case "llstart":
      addInet6Address(kernel, owner, linkLocalOf(owner), 64);
      return Errno.OK;
    case "ifup":
      bringUp(kernel, owner);
      return Errno.OK;
    case "ifdown":
      bringDown(kernel, owner);
      return Errno.OK;
    case "mtu":
      setMtu(kernel, owner, Number(first));
      return Errno.OK;
    case "detach":
      detach(kernel, owner);
      return Errno.OK;
    case "link":
      return Errno.OK; // carrier: a kernel event only, no routing message and nothing in the tables
    default:
      throw new Error(`no command "${verb}"`);
  }
}

/** The host of most recordings: en0 and en1 with IPv4 and IPv6, and utun0. */
export function newConfiguredHost(): Kernel {
  const kernel = newBareHost();
  for (const command of [
    "ifup en0",
    "llstart en0",
    "addr en0 192.0.2.10/24",
    "addr en0 2001:db8::10/64",
    "ifup en1",
    "llstart en1",
    "addr en1 198.51.100.10/24",
    "addr en1 2001:db8:1::10/64",
    "addr utun0 10.9.0.1/32 10.9.0.2",
    "addr utun0 fd00:9::1/64",
  ])
    runCommand(kernel, command);
  return kernel;
}

/** The same interfaces without an address, en0 and en1 down. */
export function newBareHost(): Kernel {
  const kernel = newHost();
  for (const command of [
    "attach en0 ethernet 02:aa:bb:cc:dd:00",
    "attach en1 ethernet 02:aa:bb:cc:dd:01",
    "attach utun0 tunnel",
  ])
    runCommand(kernel, command);
  return kernel;
}

export function interfaceNamed(kernel: Kernel, name: string): Interface {
  const owner = attachedInterfaces(kernel).find((each) => each.name === name);
  if (owner === undefined) throw new Error(`no interface ${name}`);
  return owner;
}

export function addressBytes(text: string): Uint8Array {
  const bytes = parseIpAddress(text);
  if (bytes === null) throw new Error(`no address "${text}"`);
  return bytes;
}

function addAddress(kernel: Kernel, owner: Interface, text: string, peer: string | null): number {
  const [address = "", prefixLength = ""] = text.split("/");
  const bytes = addressBytes(address);
  if (bytes.length === 16) addInet6Address(kernel, owner, bytes, Number(prefixLength));
  else {
    const end = peer === null ? null : addressBytes(peer);
    addInetAddress(kernel, owner, bytes, Number(prefixLength), end);
  }
  return Errno.OK;
}

function removeAddress(kernel: Kernel, owner: Interface, bytes: Uint8Array): number {
  return bytes.length === 16
    ? removeInet6Address(kernel, owner, bytes)
    : removeInetAddress(kernel, owner, bytes);
}
