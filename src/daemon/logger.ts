import type { LogLevel } from "./config.ts";

/** What a line tells besides its message: `{ socket: "/run/…" }`. Errors are told with their causes. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** `readable` is for a person at a terminal, `json` for a journal: pino's one object a line. */
export type LogFormat = "readable" | "json";

/** The daemon's log. Lines leave at once and in order. */
export interface Logger {
  debug(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
  /** Lines below the level are dropped from now on. */
  setLevel(level: LogLevel): void;
}

/** Where lines go; `process.stderr`, or a test's array. */
export interface LogOutput {
  write(line: string): unknown;
}

/** Opens the log. Pino is loaded only where its format is asked for. */
export async function openLogger(
  format: LogFormat,
  level: LogLevel,
  output: LogOutput,
): Promise<Logger> {
  if (format === "readable") return openReadableLogger(level, output, () => new Date());
  const { openJsonLogger } = await import("./json-logger.ts");
  return openJsonLogger(level, output);
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Short lines: local time, the level unless it is info, the message, the facts as `key=value`. */
export function openReadableLogger(level: LogLevel, output: LogOutput, now: () => Date): Logger {
  let least = levels.indexOf(level);
  const log =
    (at: LogLevel) =>
    (message: string, facts: LogFacts = {}) => {
      if (levels.indexOf(at) < least) return;
      const words = [
        now().toTimeString().slice(0, 8),
        ...(at === "info" ? [] : [`${at}:`]),
        message,
        ...Object.entries(facts).map(([key, value]) => `${key}=${readableValue(value)}`),
      ];
      output.write(`${printable(words.join(" "))}\n`);
    };
  return {
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    setLevel: (next) => {
      least = levels.indexOf(next);
    },
  };
}

// The kernel lets an interface's name hold control characters, which a terminal would obey.
function printable(line: string): string {
  return line.replace(/(?!\n)\p{Cc}/gu, "?");
}

function readableValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  if (typeof value === "string" && /^[^\s"=]+$/.test(value)) return value;
  return JSON.stringify(value) ?? "none";
}
