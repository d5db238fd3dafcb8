import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listenOnSocketFile, type SocketPlace } from "../../src/daemon/socket-file.ts";
import { isStaleSocket } from "../../src/daemon/stale-socket.ts";
import { until } from "../namespace/namespace.ts";
import { openTemporaryDirectory } from "./admin-client.ts";

const uid = process.getuid?.() ?? 0;

function placeAt(path: string): SocketPlace {
  return { path, platform: process.platform, uid, ownDirectory: false, mode: 0o666, gid: null };
}

/** A socket file that nobody listens on: what a daemon that was killed leaves behind. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => console.log("up"))`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  let up = false;
  child.stdout.once("data", () => {
    up = true;
  });
  await until("a daemon to kill", () => up);
  child.kill("SIGKILL");
  await until("its end", () => child.signalCode !== null);
  expect(lstatSync(path).isSocket()).toBe(true);
}

async function closed(server: Server): Promise<void> {
  await until("the server to close", () => !server.listening);
}

test("listenOnSocketFile() makes file and directory with the right modes, and removes the file", async () => {
  using directory = openTemporaryDirectory();
  const path = join(directory.path, "made", "s");
  const server = createServer();
  {
    using file = await listenOnSocketFile(server, { ...placeAt(path), mode: 0o660 });
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(uid === 0 ? 0o755 : 0o700);
    file.setAccess({ mode: 0o666, gid: null });
    expect(statSync(path).mode & 0o777).toBe(0o666);
    expect(await isStaleSocket(path)).toBe(false);
  }
  await closed(server);
  expect(existsSync(path)).toBe(false);
});

test("listenOnSocketFile() gives a user's directory to the user alone", async () => {
  using directory = openTemporaryDirectory();
  const path = join(directory.path, "made", "s");
  using _file = await listenOnSocketFile(createServer(), { ...placeAt(path), uid: 4_242 });
  expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
});

test("listenOnSocketFile() replaces a socket that nobody listens on", async () => {
  using directory = openTemporaryDirectory();
  const path = join(directory.path, "s");
  await leaveStaleSocket(path);
  expect(await isStaleSocket(path)).toBe(true);
  using _file = await listenOnSocketFile(createServer(), placeAt(path));
  expect(await isStaleSocket(path)).toBe(false);
  expect(readdirSync(directory.path)).toEqual(["s"]);
});

test("listenOnSocketFile() leaves a live socket alone", async () => {
  using directory = openTemporaryDirectory();
  const path = join(directory.path, "s");
  using _file = await listenOnSocketFile(createServer(), placeAt(path));
  await expect(listenOnSocketFile(createServer(), placeAt(path))).rejects.toMatchObject({
    code: "already-running",
    message: `cannot listen on ${path}: a daemon is already running there`,
    hint: expect.stringContaining("--socket"),
  });
  expect(await isStaleSocket(path)).toBe(false);
});

test("listenOnSocketFile() lets one win when two find the same stale socket", async () => {
  using directory = openTemporaryDirectory();
  const path = join(directory.path, "s");
  await leaveStaleSocket(path);
  const results = await Promise.allSettled(
    [1, 2].map(() => listenOnSocketFile(createServer(), placeAt(path))),
  );
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await isStaleSocket(path)).toBe(false);
  for (const result of results) if (result.status === "fulfilled") result.value[Symbol.dispose]();
});

test("listenOnSocketFile() refuses to replace what is not a socket", async () => {
  using directory = openTemporaryDirectory();
  const path = join(directory.path, "s");
  writeFileSync(path, "precious");
  await expect(listenOnSocketFile(createServer(), placeAt(path))).rejects.toMatchObject({
    code: "usage",
    message: `cannot listen on ${path}: a file that is not a socket stands there`,
  });
  symlinkSync("nowhere", join(directory.path, "link"));
  await expect(
    listenOnSocketFile(createServer(), placeAt(join(directory.path, "link"))),
  ).rejects.toMatchObject({ code: "usage" });
  expect(readdirSync(directory.path).sort()).toEqual(["link", "s"]);
});

test("listenOnSocketFile() leaves another daemon's socket when it stops", async () => {
  using directory = openTemporaryDirectory();
  const path = join(directory.path, "s");
  const first = createServer();
  const file = await listenOnSocketFile(first, placeAt(path));
  // Somebody moved ours away and started another.
  renameSync(path, join(directory.path, "moved"));
  using _second = await listenOnSocketFile(createServer(), placeAt(path));
  file.setAccess({ mode: 0o600, gid: null });
  expect(statSync(path).mode & 0o777).toBe(0o666);
  file[Symbol.dispose]();
  await closed(first);
  expect(await isStaleSocket(path)).toBe(false);
});

test("listenOnSocketFile() bears that its file was removed", async () => {
  using directory = openTemporaryDirectory();
  const path = join(directory.path, "s");
  const server = createServer();
  const file = await listenOnSocketFile(server, placeAt(path));
  rmSync(path);
  file[Symbol.dispose]();
  await closed(server);
});

test("listenOnSocketFile() says how long a path may be", async () => {
  using directory = openTemporaryDirectory();
  const fits = join(directory.path, "x".repeat(107 - directory.path.length - 1));
  using _file = await listenOnSocketFile(createServer(), { ...placeAt(fits), platform: "linux" });
  await expect(
    listenOnSocketFile(createServer(), { ...placeAt(`${fits}x`), platform: "linux" }),
  ).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("the path has 108 bytes, and a socket's may have 107"),
  });
  await expect(
    listenOnSocketFile(createServer(), { ...placeAt(fits), platform: "darwin" }),
  ).rejects.toMatchObject({ message: expect.stringContaining("103") });
});

test("listenOnSocketFile() says which directory is missing", async () => {
  using directory = openTemporaryDirectory();
  await expect(
    listenOnSocketFile(createServer(), placeAt(join(directory.path, "a", "b", "s"))),
  ).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(`${join(directory.path, "a")} does not exist`),
  });
});

test("listenOnSocketFile() says that a directory is a file", async () => {
  using directory = openTemporaryDirectory();
  const file = join(directory.path, "file");
  writeFileSync(file, "");
  await expect(listenOnSocketFile(createServer(), placeAt(join(file, "s")))).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("it is not a directory"),
  });
});

test("listenOnSocketFile() does not use a directory of its own that others may write", async () => {
  using directory = openTemporaryDirectory();
  const own = join(directory.path, "own");
  mkdirSync(own);
  const place = { ...placeAt(join(own, "s")), ownDirectory: true };
  const refusal = { code: "not-permitted", message: expect.stringContaining("another user") };
  chmodSync(own, 0o777);
  await expect(listenOnSocketFile(createServer(), place)).rejects.toMatchObject(refusal);
  chmodSync(own, 0o700);
  await expect(
    listenOnSocketFile(createServer(), { ...place, uid: uid + 1 }),
  ).rejects.toMatchObject(refusal);
  using _file = await listenOnSocketFile(createServer(), place);
});

test("listenOnSocketFile() does not follow a link to a directory of its own", async () => {
  using directory = openTemporaryDirectory();
  const target = join(directory.path, "target");
  mkdirSync(target, { mode: 0o700 });
  symlinkSync(target, join(directory.path, "own"));
  const place = placeAt(join(directory.path, "own", "s"));
  await expect(
    listenOnSocketFile(createServer(), { ...place, ownDirectory: true }),
  ).rejects.toMatchObject({ message: expect.stringContaining("it is not a directory") });
  // Who names a path may have links in it.
  using _file = await listenOnSocketFile(createServer(), place);
});
