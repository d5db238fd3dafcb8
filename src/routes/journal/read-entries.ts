import { type CollectedEntries, collectEntries } from "./entry-collector.ts";
import { JournalError } from "./journal-error.ts";
import { type Found, scanFrames } from "./record-frame.ts";
import type { StateFile } from "./state-directory.ts";

/** Bytes that hold no frame. */
export interface DamagedBytes {
  readonly offset: number;
  readonly bytes: number;
}

/** What a journal file holds. */
export interface FileReading extends CollectedEntries {
  /** End of what may stay: the file's size without a torn tail. */
  readonly size: number;
  /** The last record is whole but its line has no end. */
  readonly unterminated: boolean;
  /** Bytes at the end that never were a whole line: a write that a crash cut short. */
  readonly torn: DamagedBytes | null;
  /** Damage that is no torn tail, in order. */
  readonly damaged: readonly DamagedBytes[];
}

type Damage = Extract<Found, { kind: "damage" }>;

const pieceBytes = 64 * 1024;

/**
 * Reads a journal in pieces, for the sake of one boot: memory does not grow with the file.
 *
 * @throws JournalError `newer-version`
 */
export async function readEntries(
  file: StateFile,
  directoryPath: string,
  bootId: string,
): Promise<FileReading> {
  const collector = collectEntries(bootId);
  const damages: Damage[] = [];
  const piece = Buffer.alloc(pieceBytes);
  let unterminated = false;
  let rest: Buffer = Buffer.alloc(0);
  let restOffset = 0;
  let size = 0;
  for (let final = false; !final; ) {
    const length = await file.read(piece, size);
    final = length === 0;
    size += length;
    const bytes = Buffer.concat([rest, piece.subarray(0, length)]);
    const { found, consumed } = scanFrames(bytes, final);
    for (const item of found) {
      if (item.kind === "newer") throw newerVersion(directoryPath, item.version);
      if (item.kind === "damage") addDamage(damages, moved(item, restOffset));
      else {
        collector.add(item.sequence, item.text);
        unterminated = !item.terminated;
      }
    }
    rest = bytes.subarray(consumed);
    restOffset += consumed;
  }
  const last = damages.at(-1);
  const torn = last !== undefined && last.end === size && !last.hasLineEnd ? last : null;
  return {
    ...collector.result(),
    size: torn?.start ?? size,
    unterminated,
    torn: torn && extent(torn),
    damaged: damages.filter((damage) => damage !== torn).map(extent),
  };
}

function newerVersion(directoryPath: string, version: number): JournalError {
  const why = `it has records of version ${version}, which a later program wrote`;
  return new JournalError("newer-version", `read the journal in ${directoryPath}`, why);
}

function moved(damage: Damage, by: number): Damage {
  return { ...damage, start: damage.start + by, end: damage.end + by };
}

/** Adds damage, joined with what was found just before it in the piece before. */
function addDamage(damages: Damage[], damage: Damage): void {
  const last = damages.at(-1);
  if (last?.end !== damage.start) damages.push(damage);
  else {
    const hasLineEnd = last.hasLineEnd || damage.hasLineEnd;
    damages.splice(-1, 1, { ...damage, start: last.start, hasLineEnd });
  }
}

function extent({ start, end }: Damage): DamagedBytes {
  return { offset: start, bytes: end - start };
}
