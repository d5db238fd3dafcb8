import type { RequestTransport } from "../../src/platform/linux/requester.ts";
import type { StateDirectory, StateFile } from "../../src/routes/journal/state-directory.ts";
import { splitMessages } from "../../src/wire/netlink/message.ts";
import {
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from "../../src/wire/netlink/message-constants.ts";

/** The places at which a process can be killed: wherever the disk or the kernel has just been changed. */
export interface FaultPoints {
  /** Whether the process ends here, which is so many times as likely as elsewhere. */
  due(times?: number): boolean;
  /** Ends the process as the kernel ends one: nothing more of it runs. */
  die(at: string): never;
}

const changes: ReadonlyMap<number, string> = new Map([
  [RTM_NEWROUTE, "RTM_NEWROUTE"],
  [RTM_DELROUTE, "RTM_DELROUTE"],
  [RTM_NEWRULE, "RTM_NEWRULE"],
  [RTM_DELRULE, "RTM_DELRULE"],
]);

/** A transport with a fault point before and after each request that changes something, its answer unread. */
export function faultyTransport(real: RequestTransport, points: FaultPoints): RequestTransport {
  return {
    send(bytes) {
      const [message] = splitMessages(bytes.slice());
      const change = message === undefined ? undefined : changes.get(message.type);
      if (change === undefined) return real.send(bytes);
      if (points.due()) points.die(`before ${change}`);
      real.send(bytes);
      if (points.due()) points.die(`after ${change}`);
    },
    receiveWhole: () => real.receiveWhole(),
    setReceiveTimeout: (timeoutMs) => real.setReceiveTimeout(timeoutMs),
    [Symbol.dispose]: () => real[Symbol.dispose](),
  };
}

/** A file is rewritten seldom. */
const rarely = 8;

/** A directory with a fault point around each call that changes it or its files, and in the middle of each write. */
export function faultyDirectory(real: StateDirectory, points: FaultPoints): StateDirectory {
  const around = async <Result>(
    what: string,
    work: () => Promise<Result>,
    times = 1,
  ): Promise<Result> => {
    if (points.due()) points.die(`before ${what}`);
    const result = await work();
    if (points.due(times)) points.die(`after ${what}`);
    return result;
  };
  const faultyFile = (file: StateFile): StateFile => ({
    facts: () => file.facts(),
    read: (into, position) => file.read(into, position),
    async write(bytes, position) {
      if (points.due()) {
        await file.write(bytes.subarray(0, bytes.length >> 1), position);
        points.die("within write");
      }
      return around("write", () => file.write(bytes, position));
    },
    truncate: (size) => around("truncate", () => file.truncate(size), rarely),
    sync: () => around("fsync", () => file.sync()),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  });
  return {
    path: real.path,
    prepare: () => around("prepare", () => real.prepare()),
    open: async (name, access) => faultyFile(await real.open(name, access)),
    create: async (name) => faultyFile(await around("create", () => real.create(name))),
    link: (from, to) => around("link", () => real.link(from, to), rarely),
    rename: (from, to) => around("rename", () => real.rename(from, to), rarely),
    remove: (name) => around("remove", () => real.remove(name)),
    sync: () => around("fsync of the directory", () => real.sync()),
  };
}
