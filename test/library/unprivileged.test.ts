import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import { type BoundHost, openBoundHost } from "./bound-host.ts";

const program = `
import { createSocket, listen, openBinding } from "netwatch";
const [host, port] = process.argv.slice(1);
const binding = await openBinding({ interface: "up0", onStale: "rebind", waitMs: 60_000, source: "in-process" });
const socket = await createSocket({ type: "udp4", binding });
const own = socket.address().port;
const server = await listen({ port: 0, binding });
server.on("error", ({ name, because, cause }) => console.log("server", name, because, cause.code));
socket.on("error", (error) => console.log(error.message));
socket.on("message", (answer) => {
  console.log("socket", String(answer) === "10.0.0.2 " + own);
  process.exit();
});
console.log("ready");
binding.onEvent(({ kind }) => {
  console.log(kind);
  if (kind === "binding-usable") setInterval(() => socket.send("who am I?", port, host, () => undefined), 50);
});
`;

describe.skipIf(process.platform !== "linux")("without CAP_NET_RAW", () => {
  let here: BoundHost;
  beforeAll(async () => {
    here = await openBoundHost();
  });
  afterAll(() => here[Symbol.asyncDispose]());

  test("a UDP socket follows to another up0, and a server ends and says why", async () => {
    const { ipv4, port } = here.server;
    const child = here.host.spawn(
      "setpriv",
      [
        "--bounding-set=-net_raw",
        ...[process.execPath, "--input-type=module", "-e", program, ipv4, String(port)],
      ],
      { cwd: join(import.meta.dirname, "../.."), stdio: ["ignore", "pipe", "inherit"] },
    );
    const lines: string[] = [];
    if (child.stdout === null) throw new Error("no output");
    createInterface({ input: child.stdout }).on("line", (line) => void lines.push(line));
    const ended = once(child, "close");
    await until("the sockets", () => lines.includes("ready"), 25_000);
    here.host.ip("link del up0");
    await until("the loss", () => lines.includes("binding-stale"));
    here.createUp0();
    here.configureUp0();
    expect(await ended).toEqual([0, null]);
    expect(lines).toContain("server StaleBindingError moved EPERM");
    expect(lines.at(-1)).toBe("socket true");
  });
});
