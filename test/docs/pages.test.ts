import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasProgram } from "../installed-program.ts";
import { joinPage, type Piece, shellLines, splitPage } from "./console-page.ts";
import { type DocumentedHost, openDocumentedHost, tunnelUp } from "./documented-host.ts";
import { elision, isAsShown, leastLines } from "./printed-lines.ts";

const root = join(import.meta.dirname, "../..");

/** Pages with examples, and what was typed on the host before they begin. */
const pages: Readonly<Record<string, readonly string[]>> = {
  "README.md": tunnelUp,
  "docs/doctor.md": [],
  "docs/leases.md": [...tunnelUp, "sudo netwatchd start"],
  "docs/metrics.md": [
    "sudo netwatchd start",
    `printf '[metrics]\\nlisten = "127.0.0.1:9797"\\n' >> /etc/netwatch/config.toml`,
  ],
  "docs/routes.md": tunnelUp,
  "docs/service.md": [],
};

/** What ends by Ctrl-C alone, so that it goes on while the next lines are typed in another terminal. */
const staysInForeground =
  /^(sudo )?(netwatchd start|netwatch .*(--follow|--watch)|netwatch lease (?!.* -- ))/;

/** What changes nothing. */
const asks = /^(netwatch (status|events|interfaces|routes$|routes list|explain)|curl|ip route$)/;

/** How Ctrl-C looks in a terminal. */
const interruption = "^C";

/** Types a page's lines; gives what stands on the page where that is what was printed, else what was printed. */
async function typePage(host: DocumentedHost, pieces: readonly Piece[]): Promise<Piece[]> {
  const typed: Piece[] = [];
  for (const piece of pieces) {
    if ("text" in piece) {
      typed.push(piece);
      continue;
    }
    const printed = await printedBy(host, piece.typed, piece.printed);
    typed.push(isAsShown(printed, piece.printed) ? piece : { typed: piece.typed, printed });
  }
  return typed;
}

async function printedBy(
  host: DocumentedHost,
  line: string,
  shown: readonly string[],
): Promise<readonly string[]> {
  if (!staysInForeground.test(line)) {
    // What was typed before may take a moment to be seen.
    let lines = (await host.type(line)).lines;
    const deadline = performance.now() + 15_000;
    while (asks.test(line) && !isAsShown(lines, shown) && performance.now() < deadline)
      lines = (await host.type(line)).lines;
    return lines;
  }
  const begun = host.begin(line);
  const end = shown.indexOf(interruption);
  const least = leastLines(end < 0 ? shown : shown.slice(0, end));
  const isReady = line.includes("netwatchd start")
    ? (lines: readonly string[]) => lines.some((one) => one.includes("ask with: "))
    : () => true;
  await begun.printed((lines) => lines.length >= least && isReady(lines));
  const before = begun.lines();
  if (end < 0) return before;
  await begun.interrupt();
  return [...before, interruption, ...begun.lines().slice(before.length)];
}

const hasPrograms = ["curl", "jq", "sysctl"].every(hasProgram);

describe.skipIf(!hasPrograms)("what pages show is what is printed", () => {
  test.each(Object.entries(pages))("%s", { timeout: 120_000 }, async (page, before) => {
    const path = join(root, page);
    await using host = await openDocumentedHost();
    for (const line of before) await printedBy(host, line, [elision]);
    const pieces = splitPage(readFileSync(path, "utf8"));
    expect(pieces.filter((piece) => "typed" in piece).length).toBeGreaterThan(0);
    await expect(joinPage(await typePage(host, pieces))).toMatchFileSnapshot(path);
  });
});

describe.skipIf(!hasPrograms)("what pages tell to type can be typed", () => {
  const lines = readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
    .concat("README.md")
    .map((page) => [page, typedLines(readFileSync(join(root, page), "utf8"))] as const)
    .filter(([, typed]) => typed.length > 0);

  test.each(lines)("%s", { timeout: 120_000 }, async (_page, typed) => {
    await using host = await openDocumentedHost();
    for (const line of [...tunnelUp, "sudo netwatchd start"])
      await printedBy(host, line, [elision]);
    for (const line of typed) {
      if (staysInForeground.test(line)) await printedBy(host, line, [elision, interruption]);
      // 1 is a finding; what no program knows is 2, and what no shell finds 127.
      else expect([0, 1], line).toContain((await host.type(line)).exitCode);
    }
  });
});

/** The lines of a page's `sh` blocks that ask or begin netwatch's programs, but for the daemon that runs by then. */
function typedLines(page: string): readonly string[] {
  return shellLines(page, ["netwatch", "netwatchd"]).filter(
    (line) => !line.includes("netwatchd start"),
  );
}
