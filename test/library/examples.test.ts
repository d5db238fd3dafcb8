import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandResult, runCommand } from "../e2e/daemon-process.ts";
import { manageHost } from "../e2e/managed-host.ts";
import { until } from "../namespace/namespace.ts";
import { type BoundHost, openBoundHost } from "./bound-host.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "docs/examples");
const examples = readdirSync(folder);

test("docs/library.md shows every example as it is", () => {
  const text = readFileSync(join(root, "docs/library.md"), "utf8");
  const shown = [...text.matchAll(/^```js\n\/\/ docs\/examples\/(\S+)\n(.*?)^```$/gms)].map(
    ([, name, code]) => [name, code],
  );
  expect(Object.fromEntries(shown)).toEqual(
    Object.fromEntries(examples.map((name) => [name, readFileSync(join(folder, name), "utf8")])),
  );
});

test("README.md and docs/library.md show the same three lines", () => {
  const lines = (path: string): string | undefined =>
    /^```js\n(import \{ connect \}.*?)^```$/ms.exec(readFileSync(join(root, path), "utf8"))?.[1];
  expect(lines("README.md")).toBe(lines("docs/library.md"));
});

// The examples are what a program of a user's is: they import the package by its name.
describe.skipIf(process.platform !== "linux")("docs/examples", () => {
  let here: BoundHost;
  const env = { ...process.env, NETWATCH_SOCKET: "/nonexistent/netwatchd.sock" };
  beforeAll(async () => {
    here = await openBoundHost();
  });
  afterAll(() => here[Symbol.asyncDispose]());

  const start = (name: string, args: readonly string[], socket?: string): ChildProcess =>
    spawn(process.execPath, [join(folder, name), ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      env: socket === undefined ? env : { ...env, NETWATCH_SOCKET: socket },
    });
  const linesOf = (child: ChildProcess): string[] => {
    const lines: string[] = [];
    if (child.stdout === null) throw new Error("no output");
    createInterface({ input: child.stdout }).on("line", (line) => void lines.push(line));
    return lines;
  };
  const run = async (name: string, args: readonly string[], socket?: string): Promise<string[]> => {
    const child = start(name, args, socket);
    const lines = linesOf(child);
    expect(await once(child, "close")).toEqual([0, null]);
    return lines;
  };
  const target = (): readonly string[] => [here.server.ipv4, String(here.server.port), "up0"];

  test("connect.mjs", async () => {
    expect(await run("connect.mjs", target())).toEqual(["10.0.0.2"]);
  });

  test("wait.mjs", async () => {
    expect(await run("wait.mjs", target())).toEqual(["connected by up0"]);
    const [host = "", port = ""] = target();
    const child = start("wait.mjs", [host, port, "up7"]);
    const lines = linesOf(child);
    const ended = once(child, "close");
    expect(await ended).toEqual([0, null]);
    expect(lines).toEqual([`cannot connect to ${host}:${port}: up7 does not exist (gone)`]);
  });

  test("datagrams.mjs", async () => {
    const [line] = await run("datagrams.mjs", target());
    expect(line).toMatch(/^10\.0\.0\.2 \d+$/);
    here.host.ip("link set up0 down");
    const lines = await run("datagrams.mjs", target());
    expect(lines).toEqual([
      "fell back: open a udp4 socket",
      expect.stringMatching(/^10\.1\.0\.2 /),
    ]);
    here.configureUp0();
  });

  test("listen.mjs", async () => {
    const child = start("listen.mjs", ["0", "up0"]);
    const lines = linesOf(child);
    await until("the server", () => lines.length === 1, 25_000);
    const [, port] = /^listening on port (\d+) of up0$/.exec(lines[0] ?? "") ?? [];
    const call = `require("net").connect(${port}, "10.0.0.2").pipe(process.stdout)`;
    const ended = once(child, "close");
    const answer: CommandResult = await runCommand("nsenter", [
      `--net=${here.router.path}`,
      "--",
      process.execPath,
      "-e",
      call,
    ]);
    expect(answer.stdout).toBe("hello\n");
    expect(await ended).toEqual([0, null]);
  });

  test("http.mjs", async () => {
    const server = `require("http").createServer((ask, answer) => answer.end(ask.socket.remoteAddress + "\\n"))
      .listen(0, "192.0.2.1", function () { console.log(this.address().port) })`;
    const child = here.router.spawn(process.execPath, ["-e", server], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = linesOf(child);
    await until("the server", () => lines.length === 1, 25_000);
    expect(await run("http.mjs", ["192.0.2.1", lines[0] ?? "", "up0"])).toEqual(["10.0.0.2"]);
    child.kill("SIGKILL");
  });

  test("watch.mjs", async () => {
    const child = start("watch.mjs", []);
    const lines = linesOf(child);
    const ended = once(child, "close");
    let made = 0;
    // It does not say when it has begun to watch.
    await until("an event", () => {
      if (lines.length === 0) here.host.ip(`link add wan${made++} type veth peer name far${made}`);
      return lines.some((line) => line.includes("interface-added"));
    });
    here.host.ip("link del wan0");
    expect(await ended).toEqual([0, null]);
    expect(lines.at(-1)).toMatch(/^\d{4}-\S+Z interface-removed (wan0|far1)$/);
  });

  test("lease.mjs and admin.mjs", async () => {
    using managed = manageHost(here.host);
    await using daemon = await managed.start();
    expect(await run("lease.mjs", target(), daemon.socketPath)).toEqual(["connected by up0"]);
    expect(await run("admin.mjs", [], daemon.socketPath)).toEqual(["up1"]);
    expect((await daemon.status()).leases).toEqual([]);
  });
});
