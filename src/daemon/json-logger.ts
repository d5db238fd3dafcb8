import { pino, stdSerializers, stdTimeFunctions } from "pino";
import type { LogLevel } from "./config.ts";
import type { LogFacts, Logger, LogOutput } from "./logger.ts";

/** One JSON object a line: level by name, time in ISO 8601, pid, msg, and the facts beside them. */
export function openJsonLogger(level: LogLevel, output: LogOutput): Logger {
  const log = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.errWithCause },
    },
    { write: (line) => void output.write(line) },
  );
  const at =
    (name: LogLevel) =>
    (message: string, facts: LogFacts = {}) =>
      log[name](facts, message);
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    setLevel: (next) => {
      log.level = next;
    },
  };
}
