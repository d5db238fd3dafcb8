import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { seededRandom } from "../routes/journal/memory-directory.ts";
import type { FaultPoints } from "./fault-points.ts";
import type { Doom, Life, Order, Word } from "./life.ts";

// A program of the tests: it lives one life of netwatch, over the real kernel and the real disk, and is killed by
// SIGKILL at one of its fault points, at the latest when the life is over. It takes its order from its input, so
// that the time it takes to start can be had beforehand; its one argument says which kind of life it will be.

const say = (word: Word): void => void writeSync(1, `${JSON.stringify(word)}\n`);

const die = (at: string): never => {
  say({ word: "killed", at });
  process.kill(process.pid, "SIGKILL");
  throw new Error("SIGKILL does not return");
};

const dooms: Readonly<Record<Life["as"], () => Promise<Doom>>> = {
  keeper: async () => (await import("./doomed-keeper.ts")).keepRoutes,
  daemon: async () => (await import("./doomed-daemon.ts")).beDaemon,
  restore: async () => (await import("./doomed-restore.ts")).restoreOnce,
};
const doom = await dooms[process.argv[2] as Life["as"]]();
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { value, done } = await lines.next();
if (done === true) process.exit(0);

const order = JSON.parse(value) as Order;
const random = seededRandom(order.life.seed);
const points: FaultPoints = { due: (times = 1) => random(order.life.odds) < times, die };
await doom(order, points, (deed) => say({ word: "changed", deed }));
die("the end");
