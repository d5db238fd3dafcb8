import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Life, Order, Word } from "./life.ts";

const program = fileURLToPath(
  new URL("../../dist-crash/test/crash/doomed-process.js", import.meta.url),
);

/** How a life ended: what it said, and what it complained of. */
interface LifeEnd {
  readonly words: readonly Word[];
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Processes that are started before they are needed, each for one life. */
export interface DoomedPool extends Disposable {
  /** Lives a life to its end. */
  live(order: Order): Promise<LifeEnd>;
}

interface Doomed {
  readonly as: Life["as"];
  readonly child: ChildProcessWithoutNullStreams;
  readonly end: Promise<LifeEnd>;
}

/**
 * @param kinds what kind of life each will be asked for, in order
 * @param ahead how many wait for their order
 */
export function openDoomedPool(kinds: Iterator<Life["as"]>, ahead: number): DoomedPool {
  const waiting: Doomed[] = [];
  const refill = (): void => {
    while (waiting.length < ahead) {
      const next = kinds.next();
      if (next.done === true) return;
      waiting.push(startDoomed(next.value));
    }
  };
  refill();
  return {
    async live(order) {
      for (;;) {
        const first = waiting.shift();
        if (first === undefined) throw new Error(`no life as ${order.life.as} was announced`);
        refill();
        if (first.as === order.life.as) {
          first.child.stdin.end(`${JSON.stringify(order)}\n`);
          return await first.end;
        }
        // A scenario that failed leaves lives that nobody asks for.
        first.child.kill("SIGKILL");
      }
    },
    [Symbol.dispose]() {
      for (const { child } of waiting.splice(0)) child.kill("SIGKILL");
    },
  };
}

function startDoomed(as: Life["as"]): Doomed {
  const child = spawn(process.execPath, [program, as]);
  const words: Word[] = [];
  let stderr = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    words.push(JSON.parse(line) as Word);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // One that died too early does not listen; its end says so.
  child.stdin.on("error", () => undefined);
  const close = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  return { as, child, end: close.then(([, signal]) => ({ words, signal, stderr })) };
}
