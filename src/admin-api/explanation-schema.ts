import { z } from "zod";

/** An explanation's warning. `bad`: packets or their answers are lost; `warn`: something is odd; `note`: good to know. */
const explanationWarning = z.strictObject({
  code: z.enum([
    "on-link-black-hole",
    "tunnel-loop",
    "link-down",
    "answer-dropped",
    "scoped-default-shadowed",
    "scoped-default-missing",
    "scoped-default-hides",
    "source-gone",
    "source-of-other-interface",
    "not-forwarded",
    "bound-elsewhere",
    "kernel-differs",
    "not-considered",
    "depends-on-port",
    "shared-ways",
    "no-interface-named",
  ]),
  gravity: z.enum(["bad", "warn", "note"]),
  /** A sentence without its full stop. */
  text: z.string(),
  /** What to do about it, or null. */
  remedy: z.string().nullable(),
});

const verdict = z.strictObject({
  /** `leaves` by an interface, is `delivered` to this host itself, or is `refused`. */
  outcome: z.enum(["leaves", "delivered", "refused"]),
  interface: z.string().nullable(),
  gateway: z.string().nullable(),
  source: z.string().nullable(),
  /** Null where no table decided. */
  table: z.number().int().nullable(),
  /** Prefix of the route that decided: `0.0.0.0/0`; null where none did. */
  route: z.string().nullable(),
  error: z
    .strictObject({
      /** Name of the errno: ENETUNREACH. */
      code: z.string(),
      message: z.string(),
      /** The rule or route that refuses, in words, where that is known. */
      why: z.string().nullable(),
    })
    .nullable(),
});

const ruleStep = z.strictObject({
  kind: z.literal("rule"),
  preference: z.number().int(),
  /** As ip-rule(8) prints it, without the preference. */
  rule: z.string(),
  /** Who is known to use such a preference. */
  owner: z.string().nullable(),
  matches: z.boolean(),
  table: z.number().int().nullable(),
  why: z.string(),
});

const routeStep = z.strictObject({
  kind: z.literal("route"),
  table: z.number().int(),
  /** As ip-route(8) prints it. */
  route: z.string(),
  chosen: z.boolean(),
  why: z.string(),
});

const noteStep = z.strictObject({ kind: z.literal("note"), why: z.string() });

/** What `netwatch explain --json` prints: where a packet goes, and everything that was tried on the way. */
export const explanationSchema = z.strictObject({
  packet: z.strictObject({
    destination: z.string(),
    /** The name that was given instead of an address. */
    name: z.string().nullable(),
    family: z.enum(["ipv4", "ipv6"]),
    source: z.string().nullable(),
    boundTo: z.string().nullable(),
    arrivesOn: z.string().nullable(),
    mark: z.number().int(),
    uid: z.number().int(),
    tos: z.number().int(),
    protocol: z.number().int(),
    sourcePort: z.number().int().nullable(),
    destinationPort: z.number().int().nullable(),
  }),
  /** The kernel's own answer. */
  verdict,
  /** What netwatch would have said by the rules and routes alone, where that is something else; else null. */
  expected: verdict.nullable(),
  steps: z.array(z.discriminatedUnion("kind", [ruleStep, routeStep, noteStep])),
  warnings: z.array(explanationWarning),
});

export type Explanation = z.infer<typeof explanationSchema>;
export type ExplanationWarning = z.infer<typeof explanationWarning>;
export type ExplanationStep = Explanation["steps"][number];
export type Verdict = z.infer<typeof verdict>;
