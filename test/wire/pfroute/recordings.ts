import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One step of a recorded scenario; which fields it has depends on `op` (README.md). */
export interface RecordedStep {
  readonly op: string;
  readonly note?: string;
  readonly errno?: number;
  readonly sock?: string;
  readonly hex_in?: string;
  /** Hex of what each socket received, or of one sysctl answer. */
  readonly hex_out?: Readonly<Record<string, readonly string[]>> | string;
  readonly mib?: readonly number[];
  readonly len?: number;
  readonly cmd?: string;
  readonly hex?: string;
  readonly af?: number;
  readonly routes?: readonly string[];
  readonly text?: string;
  readonly sent?: number;
  readonly A_received?: number;
  readonly B_received?: number;
  readonly B_last?: string;
}

export interface Recording {
  readonly name: string;
  readonly steps: readonly RecordedStep[];
}

interface RandomStep {
  readonly op: string;
  readonly hex_in?: string;
  readonly cmd?: string;
  readonly errno: number;
  readonly recv: readonly string[];
}

export interface RandomRecording {
  readonly name: string;
  readonly steps: readonly RandomStep[];
  readonly dumps: readonly { readonly mib: readonly number[]; readonly hex: string }[];
}

const folder = fileURLToPath(new URL(".", import.meta.url));

/** Every golden scenario, by name. */
export function readRecordings(): readonly Recording[] {
  return readdirSync(`${folder}golden`)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => JSON.parse(readFileSync(`${folder}golden/${file}`, "utf8")) as Recording);
}

/** The golden scenario of this name. */
export function readRecording(name: string): Recording {
  return JSON.parse(readFileSync(`${folder}golden/${name}.json`, "utf8")) as Recording;
}

/** Every random sequence. */
export function readRandomRecordings(): readonly RandomRecording[] {
  return readFileSync(`${folder}random.jsonl`, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RandomRecording);
}

/** Sizes, field offsets and constants as the compiler gave them. */
export function readLayouts(): {
  readonly structs: Readonly<
    Record<
      string,
      {
        readonly sizeof: number;
        readonly fields: Readonly<Record<string, readonly [number, number]>>;
      }
    >
  >;
  readonly constants: Readonly<Record<string, Readonly<Record<string, number>>>>;
} {
  return JSON.parse(readFileSync(`${folder}layouts.json`, "utf8"));
}

/** Bytes of a hex string; blanks, line ends and `# comments` are ignored. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/#.*$/gm, "").replace(/\s+/g, "");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** A recorded datagram with the place where it was recorded. */
export interface RecordedDatagram {
  readonly where: string;
  readonly bytes: Uint8Array;
}

/** Every datagram that any socket received in any recording. */
export function recordedDatagrams(): readonly RecordedDatagram[] {
  const golden = readRecordings().flatMap(({ name, steps }) =>
    steps.flatMap((step, number) =>
      typeof step.hex_out === "object"
        ? Object.values(step.hex_out)
            .flat()
            .map((text) => ({ where: `${name}[${number}]`, bytes: hex(text) }))
        : [],
    ),
  );
  const random = readRandomRecordings().flatMap(({ name, steps }) =>
    steps.flatMap((step, number) =>
      step.recv.map((text) => ({ where: `${name}[${number}]`, bytes: hex(text) })),
    ),
  );
  return [...golden, ...random];
}

/** Every request that was sent in any recording. */
export function recordedRequests(): readonly RecordedDatagram[] {
  return [...readRecordings(), ...readRandomRecordings()].flatMap(({ name, steps }) =>
    steps.flatMap((step, number) =>
      step.hex_in === undefined ? [] : [{ where: `${name}[${number}]`, bytes: hex(step.hex_in) }],
    ),
  );
}

/** Every whole sysctl answer of messages, with its NET_RT_* operation. */
export function recordedDumps(): readonly (RecordedDatagram & { readonly operation: number })[] {
  const golden = readRecordings().flatMap(({ name, steps }) =>
    steps.flatMap((step, number) =>
      step.mib !== undefined && typeof step.hex_out === "string" && step.errno === 0
        ? [{ where: `${name}[${number}]`, bytes: hex(step.hex_out), operation: step.mib[4] ?? 0 }]
        : [],
    ),
  );
  const random = readRandomRecordings().flatMap(({ name, dumps }) =>
    dumps.map(({ mib, hex: text }) => ({ where: name, bytes: hex(text), operation: mib[4] ?? 0 })),
  );
  return [...golden, ...random];
}
