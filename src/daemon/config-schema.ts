import { parse, TomlError } from "smol-toml";
import { z } from "zod";
import { interfaceKinds } from "../network/interface.ts";
import { type Config, defaultConfig } from "./config.ts";
import { describeConfigIssue } from "./config-issue.ts";
import { DaemonError } from "./daemon-error.ts";
import { parseListenAddress } from "./metrics/listen-address.ts";

const { monitor, interfaces, routes, admin, metrics, log } = defaultConfig;

const milliseconds = (least: number) => z.int().min(least).max(86_400_000);
const globs = z.array(z.string().min(1));

/** The file's tables and keys. Defaults are those of `defaultConfig`, so that both say the same. */
const fileSchema = z.strictObject({
  monitor: z
    .strictObject({
      debounce_quiet_ms: milliseconds(0).default(monitor.debounceQuietMs),
      debounce_max_ms: milliseconds(0).default(monitor.debounceMaxMs),
      reconcile_ms: milliseconds(1_000).default(monitor.reconcileMs),
      probe_ms: milliseconds(1_000).default(monitor.probeMs),
      receive_buffer_bytes: z
        .int()
        .min(4_096)
        .max(1_073_741_824)
        .default(monitor.receiveBufferBytes),
    })
    .refine((keys) => keys.debounce_max_ms >= keys.debounce_quiet_ms, {
      path: ["debounce_max_ms"],
      error: "at least debounce_quiet_ms",
    })
    .prefault({}),
  interfaces: z
    .strictObject({
      churn: globs.default([...interfaces.churn]),
      kinds: z.record(z.string().min(1), z.enum(interfaceKinds)).default({ ...interfaces.kinds }),
    })
    .prefault({}),
  routes: z
    .strictObject({
      scoped: z
        .union([z.literal("auto"), globs], { error: '"auto" or a list of globs such as ["eth*"]' })
        .default(routes.scoped === "auto" ? "auto" : [...routes.scoped]),
      families: z
        .array(z.enum(["ipv4", "ipv6"]))
        .min(1)
        .default([...routes.families]),
      guard: z.enum(["off", "warn", "restore"]).default(routes.guard),
      guard_grace_ms: milliseconds(0).default(routes.guardGraceMs),
      on_stop: z.enum(["remove", "keep"]).default(routes.onStop),
      replies: z.boolean().default(routes.replies),
      // Rules of preference 32766 and 32767, and tables 253 to 255, are the kernel's (ip-rule(8)).
      preference_base: z.int().min(1).max(32_000).default(routes.preferenceBase),
      table_base: z.int().min(256).max(4_294_960_000).default(routes.tableBase),
      // RTPROT_STATIC is 4 (linux/rtnetlink.h): what is above names a routing daemon.
      protocol: z.int().min(5).max(255).default(routes.protocol),
      flag: z.enum(["proto1", "proto2", "proto3"]).default(routes.flag),
    })
    .prefault({}),
  admin: z
    .strictObject({
      read: z.enum(["all", "group", "root"]).default(admin.read),
      group: z.string().min(1).default(admin.group),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      listen: z
        .string()
        .refine((text) => text === "" || parseListenAddress(text) !== null, {
          error: 'a loopback address with a port such as "127.0.0.1:9797", or ""',
        })
        .default(metrics.listen),
    })
    .prefault({}),
  log: z
    .strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default(log.level) })
    .prefault({}),
});

/**
 * The configuration in a file's text.
 *
 * @throws DaemonError `config`: one line for each mistake, `file:line: what is wrong`
 */
export function parseConfig(source: string, file: string): Config {
  const document = parseDocument(source, file);
  const result = fileSchema.safeParse(document);
  if (result.success) return toConfig(result.data);
  const known = Object.fromEntries(
    Object.entries(fileSchema.shape).map(([table, schema]) => [
      table,
      Object.keys(schema.unwrap().shape),
    ]),
  );
  const lines = result.error.issues.flatMap((issue) =>
    describeConfigIssue(issue, { source, document, known }),
  );
  throw configError(file, lines);
}

function parseDocument(source: string, file: string): Record<string, unknown> {
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = error.message.split("\n")[0]?.replace("Invalid TOML document: ", "") ?? "";
    throw configError(file, [{ line: error.line, message: `not valid TOML: ${what}` }], {
      cause: error,
    });
  }
}

function configError(
  file: string,
  problems: readonly { readonly line: number | null; readonly message: string }[],
  options?: ErrorOptions,
): DaemonError {
  const lines = problems
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map(({ line, message }) => `${file}${line === null ? "" : `:${line}`}: ${message}`);
  return new DaemonError(
    "config",
    `cannot use the configuration:${lines.length === 1 ? ` ${lines[0]}` : `\n${lines.join("\n")}`}`,
    `correct it, then try: netwatchd check-config --config ${file}`,
    options,
  );
}

function toConfig(file: z.infer<typeof fileSchema>): Config {
  return {
    monitor: {
      debounceQuietMs: file.monitor.debounce_quiet_ms,
      debounceMaxMs: file.monitor.debounce_max_ms,
      reconcileMs: file.monitor.reconcile_ms,
      probeMs: file.monitor.probe_ms,
      receiveBufferBytes: file.monitor.receive_buffer_bytes,
    },
    interfaces: file.interfaces,
    routes: {
      scoped: file.routes.scoped,
      families: file.routes.families,
      guard: file.routes.guard,
      guardGraceMs: file.routes.guard_grace_ms,
      onStop: file.routes.on_stop,
      replies: file.routes.replies,
      preferenceBase: file.routes.preference_base,
      tableBase: file.routes.table_base,
      protocol: file.routes.protocol,
      flag: file.routes.flag,
    },
    admin: file.admin,
    metrics: file.metrics,
    log: file.log,
  };
}
