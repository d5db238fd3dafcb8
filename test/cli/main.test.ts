import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import { type CannedDaemon, serveCanned, temporaryFolder } from "./canned-daemon.ts";
import { cannedEvent, cannedEvents } from "./canned-events.ts";
import { cannedInterface, cannedStatus } from "./canned-status.ts";
import { startNetwatch } from "./running-command.ts";

interface Outcome {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(...words: readonly string[]): Promise<Outcome> {
  await using command = startNetwatch(...words);
  const code = await command.ended;
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}

async function withDaemon(use: (daemon: CannedDaemon) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder();
  await using daemon = await serveCanned(join(folder.path, "s"), cannedStatus(), cannedEvents);
  await use(daemon);
}

const wake = (id: number) =>
  cannedEvent(id, "2026-03-03T09:00:00.000Z", {
    kind: "wake",
    severity: "health",
    sleptMs: 60_000,
  });

test("netwatch status prints to a pipe: lines of any length, without colour", async () => {
  await withDaemon(async ({ socketPath }) => {
    const { code, stdout, stderr } = await run("status", "--socket", socketPath);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`
ipv4  default via 10.0.0.1 dev eth0      metric 100   DHCP
              via 192.168.7.1 dev wlan0  metric 600   DHCP    stands by: higher metric
`);
    expect(stdout).not.toContain("\u001b");
  });
});

test("netwatch --json prints what the admin API says, one value a line", async () => {
  await withDaemon(async ({ socketPath, status }) => {
    const json = async (...words: readonly string[]): Promise<unknown[]> => {
      const { code, stdout } = await run("--socket", socketPath, ...words, "--json");
      expect(code).toBe(0);
      return stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
    };
    const { defaults, scoped, displaced } = status;
    expect(await json("status")).toEqual([status]);
    expect(await json("interfaces")).toEqual([status.interfaces]);
    expect(await json("interfaces", "eth0")).toEqual([status.interfaces[1]]);
    expect(await json("routes")).toEqual([{ defaults, scoped, displaced }]);
    expect(await json("routes", "list")).toEqual([{ defaults, scoped, displaced }]);
    expect(await json("events")).toEqual(cannedEvents.filter(({ kind }) => kind !== "lagged"));
  });
});

test("netwatch events asks for what the options say, and heads each day", async () => {
  await withDaemon(async (daemon) => {
    const options = ["--since", "2026-03-01", "--severity", "effective"];
    const { stdout } = await run("events", ...options, "--socket", daemon.socketPath);
    expect(daemon.asked).toEqual([
      "/v1/events?since=2026-03-01T00%3A00%3A00.000Z&severity=effective",
    ]);
    expect(stdout.split("\n").slice(0, 4)).toEqual([
      "── Mon 2026-03-02 ──",
      "23:59:58.001 · veth3 appeared (container, up, no carrier, a new device of an old name)",
      "── Tue 2026-03-03 ──",
      "08:03:22.120 ● eth0 lost its carrier",
    ]);
  });
});

test("netwatch says what to do about a wrong line, with exit code 2", async () => {
  const cases: readonly (readonly [words: readonly string[], says: string])[] = [
    [["statsu"], "netwatch: unknown command 'statsu'\n(Did you mean status?)"],
    [["start"], "netwatch: unknown command 'start'\n(Did you mean netwatchd start?)"],
    [["routes", "instal"], "netwatch: unknown command 'instal'\n(Did you mean install?)"],
    [["events", "--folow"], "netwatch: unknown option '--folow'\n(Did you mean --follow?)"],
    [["events", "--severity", "high"], "Allowed choices are effective, churn, health."],
    [["events", "--since", "soon"], 'netwatch: cannot go back to "soon"'],
    [["status", "--socket", `/${"x".repeat(200)}`], "its path has 201 bytes of at most"],
    [[], "Usage: netwatch"],
  ];
  for (const [words, says] of cases) {
    const { code, stdout, stderr } = await run(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
  }
});

test("netwatch --help and --version print to stdout, all commands named", async () => {
  expect(await run("--version")).toMatchObject({ code: 0, stdout: "0.1.0\n", stderr: "" });
  const help = await run("--help", "status");
  expect(help.code).toBe(0);
  for (const name of ["status", "interfaces", "events", "routes"]) {
    expect(help.stdout).toMatch(new RegExp(`^ {2}${name} `, "m"));
  }
});

test.each([["status"], ["status", "--watch"], ["events", "--follow"], ["interfaces"], ["routes"]])(
  "netwatch %s %s without a daemon: exit code 3, nothing on stdout, and what to type",
  async (...words) => {
    const { code, stdout, stderr } = await run(...words, "--socket", "/nonexistent/s");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/^netwatch: cannot .*: netwatchd is not running \(.*\)\nStart it with /);
  },
);

test("netwatch interfaces with a name that is none: the daemon's words, exit code 1", async () => {
  await withDaemon(async ({ socketPath }) => {
    const { code, stderr } = await run("interfaces", "eth9/..", "--socket", socketPath);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        "netwatch: cannot show the interface eth9/..: there is no interface eth9/..\nSee all\n",
    });
  });
});

test("netwatch events ends quietly when its reader has seen enough", async () => {
  await withDaemon(async ({ socketPath, emit }) => {
    for (let id = 100; id < 20_000; id += 1) emit(wake(id));
    await using command = startNetwatch("events", "--socket", socketPath);
    command.child.stdout?.once("data", () => command.child.stdout?.destroy());
    expect(await command.ended).toBe(0);
    expect(command.stderr()).toBe("");
  });
});

test("netwatch status --json reaches a slow reader whole", async () => {
  await withDaemon(async (daemon) => {
    const interfaces = Array.from({ length: 5000 }, (_, at) =>
      cannedInterface(`veth${at}`, at + 1, ["fe80::1/64"]),
    );
    daemon.status = { ...daemon.status, interfaces };
    await using command = startNetwatch("status", "--json", "--socket", daemon.socketPath);
    command.child.stdout?.pause();
    await until("the question", () => daemon.asked.length === 1);
    command.child.stdout?.resume();
    expect(await command.ended).toBe(0);
    expect(JSON.parse(command.stdout())).toEqual(daemon.status);
  });
});

test("netwatch events --follow prints each event at once, and ends with 0 on Ctrl-C", async () => {
  await withDaemon(async (daemon) => {
    await using command = startNetwatch("events", "--follow", "--socket", daemon.socketPath);
    await until("a follower", () => daemon.followers === 1);
    daemon.emit(wake(50));
    await until("the event", () => command.stdout().endsWith("! woke after 1 min asleep\n"));
    daemon.emit(wake(51));
    await until("another", () => command.stdout().split("\n").length === 4);
    command.child.kill("SIGINT");
    expect(await command.ended).toBe(0);
    expect(command.stderr()).toBe("");
  });
});

test("netwatch events --follow outlives the daemon, and says so on stderr", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  const first = await serveCanned(path, cannedStatus(), []);
  await using command = startNetwatch("events", "--follow", "--json", "--socket", path);
  await until("a follower", () => first.followers === 1);
  await first[Symbol.asyncDispose]();
  await until("the loss", () => command.stderr().includes("netwatchd went away"));
  const status = cannedStatus();
  await using second = await serveCanned(
    path,
    { ...status, daemon: { ...status.daemon, pid: 9000 } },
    [],
  );
  await until("the new daemon", () => second.followers === 1);
  second.emit(wake(1));
  await until("its event", () => command.stdout() !== "");
  expect(JSON.parse(command.stdout())).toEqual(wake(1));
  expect(command.stderr()).toContain("netwatchd was restarted");
  command.child.kill("SIGTERM");
  expect(await command.ended).toBe(0);
});

test("netwatch status --watch prints to a pipe a block for each change", async () => {
  await withDaemon(async (daemon) => {
    await using command = startNetwatch(
      "status",
      "--watch",
      "--json",
      "--socket",
      daemon.socketPath,
    );
    await until("a follower", () => daemon.followers === 1);
    daemon.status = { ...daemon.status, interfaces: [] };
    daemon.emit(wake(60));
    await until("the change", () => command.stdout().includes('"interfaces":[]'));
    command.child.kill("SIGINT");
    expect(await command.ended).toBe(0);
    const last = command.stdout().trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last)).toEqual(daemon.status);
  });
});
