import { z } from "zod";

/** What `netwatch doctor` found. `bad`: something does not work; `warn`: it will not in some case; `note`: good to know. */
const finding = z.strictObject({
  /** Stable, for programs. */
  code: z.string(),
  gravity: z.enum(["bad", "warn", "note"]),
  /** A sentence without its full stop. */
  text: z.string(),
  /** What to do about it: a sentence without its full stop. */
  remedy: z.string(),
});

/** What `netwatch doctor --json` prints. */
export const checkupSchema = z.strictObject({
  /** Whether nothing is `bad` and nothing a warning. */
  healthy: z.boolean(),
  /** Worst first. */
  findings: z.array(finding),
});

export type Finding = z.infer<typeof finding>;
export type Checkup = z.infer<typeof checkupSchema>;
