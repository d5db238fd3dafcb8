import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { errorSchema } from "../../src/admin-api/error-schema.ts";
import { AdminError } from "../../src/daemon/admin-error.ts";
import { connectionLimits } from "../../src/daemon/connection-guard.ts";
import { until } from "../namespace/namespace.ts";
import { type Answer, ask, openLines, openRaw } from "./admin-client.ts";
import { change, openAdmin, silentLog } from "./admin-fixture.ts";

function expectError(
  answer: Pick<Answer, "status" | "json">,
  status: number,
  code: string,
): string {
  const { error } = errorSchema.parse(answer.json);
  expect({ status: answer.status, code: error.code }).toEqual({ status, code });
  return `${error.message} (${error.hint})`;
}

/** The status and body of an answer that came over a bare connection. */
function parseRaw(text: string): Pick<Answer, "status" | "json"> {
  const [head = "", body = ""] = text.split("\r\n\r\n", 2);
  return { status: Number(head.split(" ")[1]), json: JSON.parse(body) };
}

test("serveAdmin() names the nearest path when there is nothing at the one asked for", async () => {
  await using admin = await openAdmin();
  const text = expectError(await ask(admin.socket, "/v1/statsu"), 404, "not-found");
  expect(text).toContain("/v1/statsu");
  expect(text).toContain("/v1/status");
  expectError(await ask(admin.socket, "/"), 404, "not-found");
  expectError(await ask(admin.socket, "/v1/interfaces/"), 404, "not-found");
  expectError(await ask(admin.socket, "/v1/interfaces/%zz"), 400, "bad-request");
});

test("serveAdmin() answers a wrong method with Allow", async () => {
  await using admin = await openAdmin();
  for (const method of ["POST", "DELETE", "PUT", "OPTIONS", "PATCH"]) {
    const answer = await ask(admin.socket, "/v1/status", { method });
    expectError(answer, 405, "method-not-allowed");
    expect(answer.headers.allow).toBe("GET");
  }
});

test("serveAdmin() answers HEAD as GET, without the body", async () => {
  await using admin = await openAdmin();
  const { status, text, headers } = await ask(admin.socket, "/v1/status", { method: "HEAD" });
  expect({ status, text }).toEqual({ status: 200, text: "" });
  expect(Number(headers["content-length"])).toBeGreaterThan(2);
  // What goes on has no end to wait for.
  const stream = await ask(admin.socket, "/v1/events?follow=true", { method: "HEAD" });
  expect({ status: stream.status, text: stream.text }).toEqual({ status: 200, text: "" });
});

test("serveAdmin() refuses CONNECT", async () => {
  await using admin = await openAdmin();
  using raw = await openRaw(admin.socket);
  raw.socket.write("CONNECT /v1/status HTTP/1.1\r\nHost: x\r\n\r\n");
  await until("the refusal", raw.closed);
  expectError(parseRaw(raw.received()), 405, "method-not-allowed");
});

test("serveAdmin() answers without a Host, and whatever is expected", async () => {
  await using admin = await openAdmin();
  for (const header of ["", "Host: x\r\nExpect: wonders\r\n"]) {
    using raw = await openRaw(admin.socket);
    raw.socket.write(`GET /v1/nothing HTTP/1.1\r\n${header}\r\n`);
    await until("the answer", raw.closed);
    expectError(parseRaw(raw.received()), 404, "not-found");
  }
});

test("serveAdmin() refuses a query parameter that the route does not know", async () => {
  await using admin = await openAdmin();
  expect(
    expectError(await ask(admin.socket, "/v1/events?severtiy=churn"), 400, "bad-request"),
  ).toContain('did you mean "severity"?');
  expectError(await ask(admin.socket, "/v1/status?verbose=1"), 400, "bad-request");
  expectError(await ask(admin.socket, "/v1/events?since=1&since=2"), 400, "bad-request");
});

test("serveAdmin() refuses a body that is not JSON, and one that is not wanted", async () => {
  await using admin = await openAdmin();
  const bad = await ask(admin.socket, "/v1/status", { method: "GET", body: "{nonsense" });
  expectError(bad, 400, "bad-json");
  const unwanted = await ask(admin.socket, "/v1/status", { body: "{}" });
  expectError(unwanted, 400, "bad-request");
  expect((await ask(admin.socket, "/v1/status", { body: " \n" })).status).toBe(200);
});

test("serveAdmin() refuses a body of 1 MiB, announced or not", async () => {
  await using admin = await openAdmin();
  const body = "x".repeat(1 << 20);
  const announced = { "content-length": String(body.length) };
  const chunked = { "transfer-encoding": "chunked" };
  for (const headers of [announced, chunked]) {
    const answer = await ask(admin.socket, "/v1/status", { headers, body });
    expectError(answer, 413, "body-too-large");
  }
  expect((await ask(admin.socket, "/v1/status")).status).toBe(200);
});

test("serveAdmin() takes a body of exactly 64 KiB and refuses one byte more", async () => {
  await using admin = await openAdmin();
  const body = `"${"x".repeat(65_534)}"`;
  expectError(await ask(admin.socket, "/v1/status", { body }), 400, "bad-request");
  expectError(await ask(admin.socket, "/v1/status", { body: `${body} ` }), 413, "body-too-large");
});

test("serveAdmin() refuses headers and request lines that are too long", async () => {
  await using admin = await openAdmin();
  const long = "x".repeat(20_000);
  const answer = await ask(admin.socket, "/v1/status", { headers: { "x-long": long } });
  expectError(answer, 431, "headers-too-large");
  expectError(await ask(admin.socket, `/v1/${long}`), 431, "headers-too-large");
});

test("serveAdmin() answers what is no HTTP with 400 and closes", async () => {
  await using admin = await openAdmin();
  using raw = await openRaw(admin.socket);
  raw.socket.write("\u0000\u0001 what is this?\r\n\r\n");
  await until("the refusal", raw.closed);
  expectError(parseRaw(raw.received()), 400, "bad-request");
});

test("serveAdmin() closes a connection whose headers never end", async () => {
  await using admin = await openAdmin({ limits: { ...connectionLimits, exchangeMs: 150 } });
  using raw = await openRaw(admin.socket);
  raw.socket.write("GET /v1/status HTTP/1.1\r\n");
  // One byte at a time: what counts is the whole, not the silence in between.
  const drip = setInterval(() => raw.socket.write("x"), 20);
  await until("the refusal", raw.closed).finally(() => clearInterval(drip));
  expectError(parseRaw(raw.received()), 408, "timeout");
});

test("serveAdmin() closes a connection whose body never ends", async () => {
  await using admin = await openAdmin({ limits: { ...connectionLimits, exchangeMs: 150 } });
  using raw = await openRaw(admin.socket);
  raw.socket.write("GET /v1/status HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
  await until("the refusal", raw.closed);
  expectError(parseRaw(raw.received()), 408, "timeout");
});

test("serveAdmin() lets a stream last longer than an exchange may", async () => {
  await using admin = await openAdmin({ limits: { ...connectionLimits, exchangeMs: 100 } });
  using silent = await openRaw(admin.socket);
  using stream = await openLines(admin.socket, "/v1/events?follow=true");
  await until("the end of a connection that is as old", silent.closed);
  admin.events.append([change("effective")]);
  await until("an event", () => stream.lines.length === 1);
});

test("serveAdmin() serves those who may change routes when others have all connections", async () => {
  const limits = { ...connectionLimits, served: 4, reserved: 2 };
  const checkMayChange = (): void => {
    if (!isTrusted) throw new AdminError(403, "forbidden", "not you", null);
  };
  let isTrusted = false;
  await using admin = await openAdmin({ limits, checkMayChange });
  const others = await Promise.all(Array.from({ length: 4 }, () => openRaw(admin.socket)));
  expectError(await ask(admin.socket, "/v1/status"), 503, "too-many-connections");
  isTrusted = true;
  const held = await openRaw(admin.socket);
  expect((await ask(admin.socket, "/v1/status")).status).toBe(200);
  const last = await openRaw(admin.socket);
  expectError(await ask(admin.socket, "/v1/status"), 503, "too-many-connections");
  for (const raw of [...others, held, last]) raw[Symbol.dispose]();
});

test("serveAdmin() bears 500 connections at once", async () => {
  await using admin = await openAdmin({ limits: { ...connectionLimits, reserved: 0 } });
  const connections = await Promise.all(Array.from({ length: 500 }, () => openRaw(admin.socket)));
  const refused = connections.slice(connectionLimits.served);
  await until("the refusals", () => refused.every((raw) => raw.received() !== ""));
  for (const raw of refused) expectError(parseRaw(raw.received()), 503, "too-many-connections");
  expectError(await ask(admin.socket, "/v1/status"), 503, "too-many-connections");
  for (const raw of connections) raw[Symbol.dispose]();
  await until(
    "the daemon to answer again",
    async () => (await ask(admin.socket, "/v1/status")).status === 200,
  );
});

test("serveAdmin() answers a second request on the same connection with nothing but a close", async () => {
  await using admin = await openAdmin();
  using raw = await openRaw(admin.socket);
  raw.socket.write("GET /v1/routes HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2));
  await until("the close", raw.closed);
  expect(raw.received().match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  expect(raw.received()).toContain("connection: close");
});

test("serveAdmin() survives clients that leave in the middle of an answer", async () => {
  const big = { kind: "json", body: "x".repeat(4_000_000) } as const;
  const path = "/big";
  await using admin = await openAdmin({
    routes: [{ method: "GET", path, query: [], answer: () => big }],
  });
  for (let round = 0; round < 20; round += 1) {
    using raw = await openRaw(admin.socket);
    raw.socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until("the first bytes", () => raw.received() !== "");
  }
  expect((await ask(admin.socket, path)).text).toHaveLength(4_000_003);
});

test("serveAdmin() answers 500 without details, and logs them, when a route fails", async () => {
  const logged: unknown[] = [];
  await using admin = await openAdmin({
    routes: [
      {
        method: "GET",
        path: "/broken",
        query: [],
        answer: () => {
          throw new Error("secret detail");
        },
      },
    ],
    log: { ...silentLog, error: (message, facts) => void logged.push([message, facts]) },
  });
  const answer = await ask(admin.socket, "/broken");
  expectError(answer, 500, "internal");
  expect(answer.text).not.toContain("secret");
  expect(logged).toEqual([
    ["a request failed", expect.objectContaining({ error: new Error("secret detail") })],
  ]);
});

test("serveAdmin() asks whether the peer may read before anything else", async () => {
  await using admin = await openAdmin({
    checkAccess: () => {
      throw new AdminError(403, "forbidden", "user 1000 may not read", "ask as root");
    },
  });
  expectError(await ask(admin.socket, "/v1/status"), 403, "forbidden");
  expectError(await ask(admin.socket, "/v1/nothing"), 403, "forbidden");
});

test("serveAdmin() ends streams, closes connections and removes its file when it stops", async () => {
  await using admin = await openAdmin();
  using stream = await openLines(admin.socket, "/v1/events?follow=true");
  using idle = await openRaw(admin.socket);
  const startedAt = performance.now();
  await admin.stop();
  expect(performance.now() - startedAt).toBeLessThan(800);
  await until("the end of the stream", () => stream.ended);
  await until("the end of the connection", idle.closed);
  expect(existsSync(admin.socket)).toBe(false);
});

test("serveAdmin() stops although a subscriber does not read", async () => {
  await using admin = await openAdmin({ capacity: 4_096 });
  using raw = await openRaw(admin.socket);
  raw.socket.write("GET /v1/events?follow=true HTTP/1.1\r\nHost: x\r\n\r\n");
  await until("the head", () => raw.received() !== "");
  raw.socket.pause();
  admin.events.append(Array.from({ length: 4_000 }, () => change("churn", "x".repeat(500))));
  await admin.stop();
  raw.socket.resume();
  await until("the end of the connection", raw.closed);
});
