import { ipFamilies } from "../network/address.ts";
import type { InternetSockets } from "../platform/internet-socket.ts";
import type { Binding, BindingOptions } from "./binding.ts";
import { openInterfaceSight } from "./interface-sight.ts";
import { LiveBinding } from "./live-binding.ts";
import { NetwatchError } from "./netwatch-error.ts";
import type { Surroundings } from "./surroundings.ts";

/** A binding to use. Disposing of it closes it if it is one socket's alone. */
export interface BindingUse extends AsyncDisposable {
  readonly binding: LiveBinding;
}

const policies = ["fail", "wait", "rebind", "fallback"];

/**
 * Opens a binding by what the user says of it.
 *
 * @throws NetwatchError "bad-option"; AdminClientError when only the daemon may be asked; PlatformError
 */
export async function openLiveBinding(
  options: BindingOptions,
  surroundings: Surroundings,
): Promise<LiveBinding> {
  checkOptions(options);
  const sight = await openInterfaceSight(options.interface, options, surroundings);
  return await LiveBinding.open(sight, options, surroundings.warn);
}

/**
 * The binding for a socket: the one that was given open, or one of its own. An address that names its interface itself
 * (`fe80::1%eth0`, or by its index) means that interface, under the same policy.
 */
export async function useBinding(
  given: Binding | BindingOptions,
  zone: string | null,
  surroundings: Surroundings,
): Promise<BindingUse> {
  const isOpen = given instanceof LiveBinding;
  if (!isOpen && "standing" in given)
    throw new NetwatchError("bad-option", "bind a socket", "that is no binding of openBinding()");
  const named = zone === null ? null : zoneName(zone, await surroundings.openSockets());
  if (named === null || named === given.interface) {
    if (isOpen) return { binding: given, [Symbol.asyncDispose]: async () => undefined };
    return ownBinding(await openLiveBinding(given, surroundings));
  }
  const { index: _index, generation: _generation, ...asked } = isOpen ? given.options : given;
  const options = { ...asked, interface: named };
  return ownBinding(await openLiveBinding(options, surroundings));
}

function ownBinding(binding: LiveBinding): BindingUse {
  return { binding, [Symbol.asyncDispose]: () => binding[Symbol.asyncDispose]() };
}

function zoneName(zone: string, sockets: InternetSockets): string {
  return (/^\d+$/.test(zone) ? sockets.interfaceNameOf(Number(zone)) : null) ?? zone;
}

function checkOptions(options: BindingOptions): void {
  const { onStale = "fail", waitMs = 0, families = ipFamilies } = options;
  const refuse = (why: string): never => {
    throw new NetwatchError("bad-option", `bind to ${JSON.stringify(options.interface)}`, why);
  };
  if (typeof options.interface !== "string" || !/^[^\s/]{1,15}$/.test(options.interface))
    refuse("that is no interface's name");
  if (!policies.includes(onStale)) refuse(`onStale is one of ${policies.join(", ")}`);
  if (!(waitMs >= 0 && waitMs <= 0x7fff_ffff)) refuse("waitMs is a number of milliseconds");
  if (families.length === 0 || !families.every((family) => ipFamilies.includes(family)))
    refuse("families are ipv4, ipv6 or both");
}
