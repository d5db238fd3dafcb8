import { expect, test } from "vitest";
import { AdminError } from "../../src/daemon/admin-error.ts";
import { openReadableLogger } from "../../src/daemon/logger.ts";
import {
  type AccessPolicy,
  accessPolicy,
  checkMayRead,
  type PeerCredentials,
  socketAccess,
} from "../../src/daemon/read-access.ts";
import { parseSystemGroup } from "../../src/daemon/system-group.ts";
import { silentLog } from "./admin-fixture.ts";

const group = { gid: 77, memberUids: new Set([1001]) };
const policy = (read: AccessPolicy["read"]): AccessPolicy => ({
  read,
  groupName: "netwatch",
  group: read === "group" ? group : null,
  ownUid: 990,
});

function mayRead(read: AccessPolicy["read"], peer: PeerCredentials | null): boolean {
  try {
    checkMayRead(policy(read), () => peer);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(AdminError);
    expect(error).toMatchObject({ status: 403, code: "forbidden", hint: expect.any(String) });
    return false;
  }
}

test("checkMayRead() lets in by uid and gid what the policy says", () => {
  const peer = (uid: number, gid: number): PeerCredentials => ({ pid: 1, uid, gid });
  const peers = [
    peer(0, 0),
    peer(990, 990),
    peer(1000, 77),
    peer(1001, 1001),
    peer(1002, 1002),
    null,
  ];
  expect(peers.map((one) => mayRead("all", one))).toEqual([true, true, true, true, true, true]);
  expect(peers.map((one) => mayRead("group", one))).toEqual([true, true, true, true, false, false]);
  expect(peers.map((one) => mayRead("root", one))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test("checkMayRead() does not ask who it is when everybody may read", () => {
  const ask = (): never => expect.fail("asked");
  checkMayRead(policy("all"), ask);
});

test("checkMayRead() lets nobody in by a group that does not exist", () => {
  const orphan = { ...policy("group"), group: null };
  expect(() => checkMayRead(orphan, () => ({ pid: 1, uid: 1001, gid: 77 }))).toThrow(AdminError);
});

test("socketAccess() closes the file to those whom the policy keeps out", () => {
  expect(socketAccess(policy("all"))).toEqual({ mode: 0o666, gid: null });
  expect(socketAccess(policy("group"))).toEqual({ mode: 0o660, gid: 77 });
  expect(socketAccess(policy("root"))).toEqual({ mode: 0o660, gid: null });
});

test("accessPolicy() says when the group does not exist", async () => {
  const lines: string[] = [];
  const log = openReadableLogger("info", { write: (line) => lines.push(line) }, () => new Date());
  const made = await accessPolicy({ read: "group", group: "no-such-group-here" }, 0, log);
  expect(made.group).toBe(null);
  expect(lines.join()).toContain("there is no group no-such-group-here");
  expect((await accessPolicy({ read: "group", group: "root" }, 0, silentLog)).group?.gid).toBe(0);
});

test("parseSystemGroup() finds gid and members", () => {
  const groups = "root:x:0:\nnetwatch:x:77:ann,bob,gone\nnobody:x:65534:\n";
  const users =
    "root:x:0:0::/root:/bin/sh\nann:x:1001:1001::/:/bin/sh\nbob:x:1002:1002::/:/bin/sh\n";
  expect(parseSystemGroup("netwatch", groups, users)).toEqual({
    gid: 77,
    memberUids: new Set([1001, 1002]),
  });
  expect(parseSystemGroup("nobody", groups, users)).toEqual({ gid: 65534, memberUids: new Set() });
  expect(parseSystemGroup("adm", groups, users)).toBe(null);
  expect(parseSystemGroup("", "\n", "\n")).toBe(null);
});
