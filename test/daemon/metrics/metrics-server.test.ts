import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type MetricsServer,
  openMetricsServer,
} from "../../../src/daemon/metrics/metrics-server.ts";
import { silentLog } from "../admin-fixture.ts";

const said: string[] = [];
const log = {
  ...silentLog,
  info: (line: string) => void said.push(line),
  error: (line: string) => void said.push(line),
};
let server: MetricsServer;
const render = vi.fn(() => "a_total 1\n");

beforeEach(() => {
  said.length = 0;
  render.mockClear();
  server = openMetricsServer(render, log);
});
afterEach(() => server[Symbol.asyncDispose]());

/** Where it says that it serves. */
function port(): number {
  return Number(/:(\d+)\/metrics$/.exec(said.at(-1) ?? "")?.[1] ?? expect.fail(said.join("\n")));
}

function ask(at: number, path: string, options: { method?: string; host?: string } = {}) {
  return new Promise<{ status: number | undefined; type: string | undefined; text: string }>(
    (resolve, reject) => {
      const headers = { host: options.host ?? `127.0.0.1:${at}` };
      const { method = "GET" } = options;
      const sent = request(
        { host: "127.0.0.1", port: at, path, method, headers, agent: false },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
          });
          response.once("end", () =>
            resolve({
              status: response.statusCode,
              type: response.headers["content-type"],
              text,
            }),
          );
        },
      );
      sent.once("error", reject);
      sent.end();
    },
  );
}

test("listen() serves at both paths", async () => {
  await server.listen("127.0.0.1:0");
  for (const path of ["/metrics", "/v1/metrics", "/metrics?x=1"]) {
    expect(await ask(port(), path)).toEqual({
      status: 200,
      type: "text/plain; version=0.0.4; charset=utf-8",
      text: "a_total 1\n",
    });
  }
});

test("listen() serves nothing else", async () => {
  await server.listen("127.0.0.1:0");
  expect(await ask(port(), "/v1/status")).toMatchObject({ status: 404 });
  expect(await ask(port(), "/metrics", { method: "POST" })).toMatchObject({ status: 405 });
  expect(await ask(port(), "/metrics", { method: "HEAD" })).toMatchObject({ status: 405 });
  expect(render).not.toHaveBeenCalled();
});

test("listen() serves only whoever calls it by a name of loopback", async () => {
  await server.listen("127.0.0.1:0");
  for (const host of ["127.0.0.1", "localhost", `localhost:${port()}`, "[::1]", `[::1]:${port()}`])
    expect(await ask(port(), "/metrics", { host })).toMatchObject({ status: 200 });
  for (const host of [
    "evil.example",
    `evil.example:${port()}`,
    "127.0.0.1.evil.example",
    "192.0.2.1",
  ])
    expect(await ask(port(), "/metrics", { host })).toMatchObject({ status: 403 });
});

test("listen() moves, and ends with an empty address", async () => {
  await server.listen("127.0.0.1:0");
  const first = port();
  await server.listen("127.0.0.2:0");
  expect(said.at(-1)).toContain("http://127.0.0.2:");
  await expect(ask(first, "/metrics")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await server.listen("127.0.0.1:0");
  const third = port();
  await server.listen("");
  await expect(ask(third, "/metrics")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("listen() stays where it is when nothing changed", async () => {
  await server.listen("127.0.0.1:0");
  await server.listen("127.0.0.1:0");
  expect(said).toHaveLength(1);
});

test("listen() moves once after the other when called twice at once", async () => {
  await Promise.all([server.listen("127.0.0.1:0"), server.listen("127.0.0.2:0")]);
  const first = Number(/:(\d+)\//.exec(said[0] ?? "")?.[1]);
  await expect(ask(first, "/metrics")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(said).toHaveLength(2);
});

test("listen() says that a port is taken, and tries again when asked again", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  await server.listen(address);
  expect(said.at(-1)).toMatch(/^metrics are not served: .*EADDRINUSE/);
  other.close();
  await once(other, "close");
  await server.listen(address);
  expect(said.at(-1)).toBe(`metrics at http://${address}/metrics`);
});

test("a failure to tell is answered, and said", async () => {
  render.mockImplementationOnce(() => {
    throw new Error("no");
  });
  await server.listen("127.0.0.1:0");
  const at = port();
  expect(await ask(at, "/metrics")).toMatchObject({ status: 500 });
  expect(said.at(-1)).toBe("the metrics could not be told");
  expect(await ask(at, "/metrics")).toMatchObject({ status: 200 });
});
