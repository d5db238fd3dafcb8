import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import type { LeaseLine, LeaseRequestInput } from "../../src/admin-api/lease-schema.ts";
import { type TestNamespace, until } from "../namespace/namespace.ts";
import { type DaemonProcess, netwatch } from "./daemon-process.ts";

/** A lease held over a connection of the test's own. */
export interface HeldByHand extends Disposable {
  readonly status: number;
  /** Of a refusal. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** What the daemon has told until now. */
  readonly lines: readonly LeaseLine[];
  readonly id: string;
  /** The daemon has ended the answer. */
  ended(): boolean;
  /** Stops reading: the connection stays. */
  pause(): void;
}

/** Asks for a lease; resolves with the first line, or with the refusal. Disposing of it cuts the connection. */
export async function holdByHand(
  { socketPath }: Pick<DaemonProcess, "socketPath">,
  body: LeaseRequestInput,
): Promise<HeldByHand> {
  const asked = request({ socketPath, path: "/v1/leases", method: "POST", agent: false });
  asked.end(JSON.stringify(body));
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  // Both are cut by whoever holds it, or by the end of the daemon.
  asked.on("error", () => undefined);
  response.on("error", () => undefined);
  const status = response.statusCode ?? 0;
  if (status !== 200) return refused(response, status);
  const lines: LeaseLine[] = [];
  let isOver = false;
  asked.once("close", () => {
    isOver = true;
  });
  let rest = "";
  response.setEncoding("utf8").on("data", (text: string) => {
    const parts = `${rest}${text}`.split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.map((part) => JSON.parse(part) as LeaseLine));
  });
  await until("the first line", () => lines.length > 0);
  return {
    status,
    error: null,
    lines,
    id: lines[0]?.id ?? "",
    ended: () => isOver,
    pause: () => void response.pause(),
    [Symbol.dispose]: () => void asked.destroy(),
  };
}

async function refused(response: IncomingMessage, status: number): Promise<HeldByHand> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  const { error } = JSON.parse(text);
  const nothing = { lines: [], id: "", ended: () => true, pause: () => undefined };
  return { status, error, ...nothing, [Symbol.dispose]: () => undefined };
}

/** `netwatch lease …` as a process of its own, which can be killed. */
export interface Leaseholder extends Disposable {
  readonly child: ChildProcess;
  /** What it printed with `--json`. */
  readonly lines: readonly LeaseLine[];
  stderr(): string;
  /** Resolves when the lease is granted. */
  granted(): Promise<void>;
  /** Ends it without a word, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts it in a namespace; it prints its lines as JSON, unless it runs a command. */
export function startLeaseholder(
  namespace: TestNamespace,
  { socketPath }: Pick<DaemonProcess, "socketPath">,
  ...words: readonly string[]
): Leaseholder {
  const [kind = "", ...rest] = words;
  const all = [netwatch, "--socket", socketPath, "--json", "lease", kind, ...rest];
  const child = namespace.spawn(process.execPath, all, { stdio: ["pipe", "pipe", "pipe"] });
  const lines: LeaseLine[] = [];
  let stderr = "";
  const take = (line: string): void => {
    if (line.startsWith("{")) lines.push(JSON.parse(line) as LeaseLine);
    else stderr += `${line}\n`;
  };
  if (child.stdout !== null) createInterface({ input: child.stdout }).on("line", take);
  if (child.stderr !== null) createInterface({ input: child.stderr }).on("line", take);
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    lines,
    stderr: () => stderr,
    granted: () =>
      until("the lease", () => {
        if (lines.some(({ kind: line }) => line === "granted")) return true;
        if (isOver()) throw new Error(`no lease: ${stderr}`);
        return false;
      }),
    async kill() {
      if (isOver()) return;
      const end = once(child, "exit");
      child.kill("SIGKILL");
      await end;
    },
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}

/** Begins to ask for a lease and cuts the connection whenever it is told to. */
export function beginLease(
  { socketPath }: Pick<DaemonProcess, "socketPath">,
  body: LeaseRequestInput,
): ClientRequest {
  const asked = request({ socketPath, path: "/v1/leases", method: "POST", agent: false });
  asked.on("error", () => undefined);
  asked.on("response", (response) => response.on("error", () => undefined).resume());
  asked.end(JSON.stringify(body));
  return asked;
}
