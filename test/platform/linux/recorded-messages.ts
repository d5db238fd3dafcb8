import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../wire/netlink/goldens/", import.meta.url);

/** Every message that was recorded from a real kernel for the codecs, by name. */
export function recordedMessages(): readonly (readonly [name: string, bytes: Uint8Array])[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".hex"))
    .map((name) => {
      const text = readFileSync(new URL(name, folder), "utf8").replaceAll(/#.*$/gm, "");
      return [name, Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ""), "hex"))];
    });
}
