import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import { serveCanned, temporaryFolder } from "./canned-daemon.ts";
import { cannedEvent } from "./canned-events.ts";
import { cannedStatus } from "./canned-status.ts";
import { netwatch, type RunningCommand, startCommand } from "./running-command.ts";

/** Starts netwatch in a terminal of its own (script(1) of util-linux), of this size. */
function startInTerminal(columns: number, rows: number, words: string): RunningCommand {
  // Ctrl-C reaches the shell too: a trap keeps it for the exit code, where dash would end at once and bash would not.
  const line = `trap : INT; stty cols ${columns} rows ${rows} -echo; ${process.execPath} ${netwatch} ${words}; echo "ended $?"`;
  return startCommand("script", ["-qec", line, "/dev/null"]);
}

describe.skipIf(process.platform !== "linux")("on a terminal", () => {
  test("netwatch status is coloured and keeps to the width", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "s");
    await using _daemon = await serveCanned(path, cannedStatus(), []);
    await using terminal = startInTerminal(50, 30, `status --socket ${path}`);
    await terminal.ended;
    const text = terminal.stdout();
    expect(text).toContain("\u001b[32mok\u001b[39m");
    const plain = text.split("\u001b").map((part) => part.replace(/^\[\d+m/, ""));
    const lines = plain.join("").split("\r\n");
    expect(lines).toContain("ipv6  default via fe80::1 dev eth0  metric 1024");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50);
  });

  test("netwatch status --watch redraws at events, tells of a lost daemon, and gives the terminal back", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "s");
    const daemon = await serveCanned(path, cannedStatus(), []);
    await using terminal = startInTerminal(90, 30, `status --watch --socket ${path}`);
    await until("a follower", () => daemon.followers === 1);
    const event = { kind: "wake", severity: "health", sleptMs: 60_000 } as const;
    daemon.emit(cannedEvent(1, "2026-03-03T09:00:00.000Z", event));
    await until("the event", () => terminal.stdout().includes("woke after 1 min asleep"));
    await daemon[Symbol.asyncDispose]();
    await until("the loss", () => terminal.stdout().includes("netwatchd went away at"));
    expect(terminal.stdout()).not.toContain("ended");
    terminal.child.stdin?.write("\u0003");
    await terminal.ended;
    const text = terminal.stdout();
    const enter = text.indexOf("\u001b[?1049h\u001b[?25l");
    const leave = text.lastIndexOf("\u001b[?25h\u001b[?1049l");
    expect(enter).toBeGreaterThanOrEqual(0);
    expect(leave).toBeGreaterThan(enter);
    expect(text.slice(leave)).toContain("ended 0");
  });
});
