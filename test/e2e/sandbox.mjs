// Starts a command in the part of systemd's sandbox that needs no systemd: node sandbox.mjs JSON COMMAND…
import process from "node:process";
import koffi from "koffi";

const { allowed, families } = JSON.parse(process.argv[2]);
const [command, ...args] = process.argv.slice(3);

const seccomp = koffi.load("libseccomp.so.2");
const begin = seccomp.func("void *seccomp_init(uint32_t action)");
const resolve = seccomp.func("int seccomp_syscall_resolve_name(const char *name)");
const add = seccomp.func(
  "int seccomp_rule_add_array(void *filter, uint32_t action, int syscall, unsigned int count, const void *comparisons)",
);
const load = seccomp.func("int seccomp_load(void *filter)");

// seccomp.h, asm-generic/errno.h, linux/socket.h.
const SCMP_ACT_ALLOW = 0x7fff0000;
const refuseWith = (errno) => 0x00050000 | errno;
const SCMP_CMP_EQ = 4;
const EPERM = 1;
const EAFNOSUPPORT = 97;
const AF_MAX = 46;

function must(result) {
  if (result !== 0) throw new Error(`libseccomp: ${result}`);
}

/** struct scmp_arg_cmp: argument, operation, value, second value. */
function argumentIs(index, value) {
  const bytes = new DataView(new ArrayBuffer(24));
  bytes.setUint32(0, index, true);
  bytes.setUint32(4, SCMP_CMP_EQ, true);
  bytes.setBigUint64(8, BigInt(value), true);
  return new Uint8Array(bytes.buffer);
}

const sockets = begin(SCMP_ACT_ALLOW);
for (let family = 0; family < AF_MAX; family += 1)
  if (!families.includes(family))
    must(add(sockets, refuseWith(EAFNOSUPPORT), resolve("socket"), 1, argumentIs(0, family)));
const calls = begin(refuseWith(EPERM));
for (const name of allowed) {
  const number = resolve(name);
  // Other architectures' calls have no number here, or one below zero.
  if (number >= 0) must(add(calls, SCMP_ACT_ALLOW, number, 0, null));
}
must(load(sockets));
must(load(calls));

const libc = koffi.load(null);
// libuv closes what it was given when a program takes its place (uv_disable_stdio_inheritance()); fcntl.h: F_SETFD.
const fcntl = libc.func("int fcntl(int fd, int command, int value)");
for (const fd of [0, 1, 2]) fcntl(fd, 2, 0);
const environment = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
const execve = libc.func(
  "int execve(const char *path, const char **words, const char **environment)",
);
execve(command, [command, ...args, null], [...environment, null]);
throw new Error(`cannot start ${command}: errno ${koffi.errno()}`);
