import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { createAdminClient } from "../../src/admin-client/admin-client.ts";
import { AdminClientError } from "../../src/admin-client/admin-client-error.ts";
import { type Handler, serveCanned, temporaryFolder } from "../cli/canned-daemon.ts";
import { cannedStatus } from "../cli/canned-status.ts";
import { until } from "../namespace/namespace.ts";

afterEach(() => void vi.useRealTimers());

/** The error of one request for the status, answered by the handler. */
async function errorOf(handler: Handler): Promise<AdminClientError> {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  await using _daemon = await serveCanned(path, cannedStatus(), [], handler);
  return await failureOf([path]);
}

async function failureOf(sockets: readonly string[]): Promise<AdminClientError> {
  const answer = createAdminClient(sockets).get("/v1/status", "show the status");
  const error = await answer.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AdminClientError))
    throw new Error("expected a AdminClientError", { cause: error });
  return error;
}

test("get() gives the JSON that the daemon answers", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  await using _daemon = await serveCanned(path, cannedStatus(), []);
  expect(await createAdminClient([path]).get("/v1/status", "show the status")).toEqual(
    cannedStatus(),
  );
});

test("get() without a socket: not running, and how to start it", async () => {
  expect(await failureOf(["/nonexistent/netwatchd.sock"])).toMatchObject({
    code: "no-daemon",
    message:
      "cannot show the status: netwatchd is not running (there is no socket at /nonexistent/netwatchd.sock)",
    hint: expect.stringContaining("netwatchd start"),
  });
});

test("get() at a socket that a dead daemon left: not running", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  const { execFileSync } = await import("node:child_process");
  const leave = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  expect(() => execFileSync(process.execPath, ["-e", leave])).toThrow();
  expect(await failureOf([path])).toMatchObject({
    code: "stale-socket",
    message: expect.stringContaining(`nothing listens at ${path}`),
  });
});

test("get() at a socket that this user may not open: not permitted", async () => {
  // Root may open any socket, so the kernel's refusal is made here.
  const refused = Object.assign(new Error("connect EACCES /s"), { code: "EACCES" });
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  await using _daemon = await serveCanned(path, cannedStatus(), [], () => undefined);
  const client = createAdminClient(["/s"], () => {
    const socket = connect(path);
    return socket.once("connect", () => socket.destroy(refused));
  });
  await expect(client.get("/v1/status", "show the status")).rejects.toMatchObject({
    code: "not-permitted",
    message: "cannot show the status: this user may not open netwatchd's socket /s",
    hint: expect.stringContaining("sudo"),
    cause: refused,
  });
});

test("get() goes on to the next socket when no daemon answers at the first, and blames the first", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  await using daemon = await serveCanned(path, cannedStatus(), []);
  const client = createAdminClient(["/nonexistent/a", path]);
  expect(await client.get("/v1/interfaces", "list the interfaces")).toHaveLength(
    daemon.status.interfaces.length,
  );
  expect((await failureOf(["/nonexistent/a", "/nonexistent/b"])).message).toContain(
    "/nonexistent/a",
  );
});

const refuse =
  (status: number, body: unknown): Handler =>
  (_, response) =>
    void response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
const error = { code: "x", message: "the config forbids it", hint: "Ask root." };

test.each([
  [403, "not-permitted"],
  [404, "refused"],
  [409, "conflict"],
  [500, "refused"],
])("get() passes on the daemon's words of a %i with its code", async (status, code) => {
  expect(await errorOf(refuse(status, { error }))).toMatchObject({
    code,
    message: "cannot show the status: the config forbids it",
    hint: "Ask root.",
  });
});

test("openLines() with a body posts it", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  const seen: string[] = [];
  await using _daemon = await serveCanned(path, cannedStatus(), [], (request, response) => {
    seen.push(`${request.method} ${request.headers["content-type"]}`);
    request.setEncoding("utf8").on("data", (text: string) => seen.push(text));
    request.on("end", () => response.writeHead(200).end("{}\n"));
  });
  const { signal } = new AbortController();
  const lines = await createAdminClient([path]).openLines("/v1/leases", "lease", signal, { a: 1 });
  expect(await lines[Symbol.asyncIterator]().next()).toEqual({ done: false, value: "{}" });
  expect(seen).toEqual(["POST application/json", '{"a":1}']);
});

test.each([
  ["words", "<html>not found</html>"],
  ["other JSON", { error: "no" }],
  ["null", "null"],
])("get() of a refusal in %s suspects another program", async (_, body) => {
  expect(await errorOf(refuse(404, body))).toMatchObject({
    code: "not-understood",
    message: "cannot show the status: HTTP status 404, without a reason",
    hint: expect.stringContaining("--socket"),
  });
});

test("get() of what is no JSON suspects another version", async () => {
  expect(await errorOf(refuse(200, "{"))).toMatchObject({
    code: "not-understood",
    hint: expect.stringContaining("--version"),
  });
});

test("get() when the connection ends before or within the answer", async () => {
  expect(await errorOf((request) => request.socket.destroy())).toMatchObject({
    code: "no-answer",
  });
  const half: Handler = (request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{", () => request.socket.destroy());
  };
  expect(await errorOf(half)).toMatchObject({ code: "not-understood" });
});

test("get() from a program that does not speak HTTP", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  const server = createServer((socket) => void socket.end("220 mail.example.org ESMTP\r\n"));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const failure = await failureOf([path]);
  server.close();
  expect(failure).toMatchObject({ code: "not-understood" });
  expect(failure.hint).toContain("Is it netwatchd that listens");
});

test("get() waits 10 s for an answer and no longer", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  await using daemon = await serveCanned(path, cannedStatus(), [], () => undefined);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const failure = failureOf([path]);
  await until("the request", () => daemon.asked.length === 1);
  vi.advanceTimersByTime(10_000);
  expect(await failure).toMatchObject({
    code: "no-answer",
    message: "cannot show the status: netwatchd did not answer within 10 s",
  });
});

test("openLines() gives lines as they come, before the answer ends", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  const handler: Handler = (_, response) => void response.writeHead(200).write('{"a":1}\n{"b"');
  await using _daemon = await serveCanned(path, cannedStatus(), [], handler);
  const ending = new AbortController();
  const lines = await createAdminClient([path]).openLines("/v1/events", "follow", ending.signal);
  const iterator = lines[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: '{"a":1}' });
  ending.abort();
  await expect(iterator.next()).rejects.toThrow();
});

test("openLines() refuses a line without end", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "s");
  const handler: Handler = (_, response) =>
    void response.writeHead(200).end("x".repeat((1 << 20) + 1));
  await using _daemon = await serveCanned(path, cannedStatus(), [], handler);
  const { signal } = new AbortController();
  const lines = await createAdminClient([path]).openLines("/v1/events", "follow", signal);
  await expect(lines[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: "not-understood",
  });
});
