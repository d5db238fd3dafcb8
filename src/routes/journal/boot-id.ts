import { readFile } from "node:fs/promises";
import { JournalError, journalErrorFrom } from "./journal-error.ts";

/** Where Linux gives a UUID that is made anew at each boot (random(4)). */
const bootIdPath = "/proc/sys/kernel/random/boot_id";

/**
 * The id of this run of the kernel, on Linux.
 *
 * @throws JournalError
 */
export async function readBootId(
  read: (path: string) => Promise<string> = (path) => readFile(path, "utf8"),
): Promise<string> {
  const action = "read the boot id";
  let text: string;
  try {
    text = (await read(bootIdPath)).trim();
  } catch (error) {
    throw journalErrorFrom(action, error);
  }
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) {
    throw new JournalError("failed", action, `${bootIdPath} holds no UUID`);
  }
  return text;
}
