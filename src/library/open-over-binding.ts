import type { InterfaceName } from "../platform/internet-socket.ts";
import type { LiveBinding } from "./live-binding.ts";
import { StaleBindingError } from "./stale-binding-error.ts";

/** What is opened, and how long it may take. */
export interface Opening<Opened> {
  readonly action: string;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  /** Opens it by an interface; null for any, where the binding has fallen back. */
  readonly open: (to: InterfaceName | null) => Promise<Opened>;
}

/**
 * Opens something by a binding, as often as its policy finds another way.
 *
 * @throws StaleBindingError; what `open` throws
 */
export async function openOverBinding<Opened>(
  binding: LiveBinding,
  { action, deadline, signal, open }: Opening<Opened>,
): Promise<Opened> {
  for (;;) {
    const to = await binding.acquire(action, deadline, signal);
    try {
      return await open(to);
    } catch (error) {
      const explained = await binding.explain(action, error, to);
      if (binding.policy === "fail" || !(explained instanceof StaleBindingError)) throw explained;
    }
  }
}
