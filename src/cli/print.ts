import { printableJson } from "./printable.ts";
import type { Output } from "./session.ts";

/** Writes and, where the reader is slower than we are, waits until it has caught up. */
export async function print(output: Output, text: string, signal?: AbortSignal): Promise<void> {
  if (output.write(text)) return;
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      output.off("drain", finish);
      output.off("close", finish);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    output.once("drain", finish);
    output.once("close", finish);
    signal?.addEventListener("abort", finish);
    if (signal?.aborted === true) finish();
  });
}

/** Writes one value as one line of JSON. */
export function printJson(output: Output, value: unknown, signal?: AbortSignal): Promise<void> {
  return print(output, `${printableJson(value)}\n`, signal);
}
