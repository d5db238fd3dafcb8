// Loaded with --import before a program: the kernel refuses it every netlink socket from then on (seccomp(2)),
// as a container's profile may do.
import koffi from "koffi";

const PR_SET_NO_NEW_PRIVS = 38;
const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const SECCOMP_RET_ALLOW = 0x7fff0000;
const SECCOMP_RET_ERRNO = 0x00050000;
const EPERM = 1;
const AF_NETLINK = 16;
const socketCall = { x64: 41, arm64: 198 }[process.arch];

// linux/bpf_common.h: load a word of struct seccomp_data, jump if equal, return.
const load = (offset) => [0x20, 0, 0, offset];
const jumpUnless = (value, skip) => [0x15, 0, skip, value];
const giveBack = (value) => [0x06, 0, 0, value];
const program = [
  load(0),
  jumpUnless(socketCall, 3),
  load(16),
  jumpUnless(AF_NETLINK, 1),
  giveBack(SECCOMP_RET_ERRNO | EPERM),
  giveBack(SECCOMP_RET_ALLOW),
];

const instructions = Buffer.alloc(program.length * 8);
for (const [at, [code, jt, jf, k]] of program.entries()) {
  instructions.writeUInt16LE(code, at * 8);
  instructions.writeUInt8(jt, at * 8 + 2);
  instructions.writeUInt8(jf, at * 8 + 3);
  instructions.writeUInt32LE(k, at * 8 + 4);
}
const filter = Buffer.alloc(16);
filter.writeUInt16LE(program.length, 0);
filter.writeBigUInt64LE(koffi.address(instructions), 8);

const prctl = koffi
  .load(null)
  .func("int prctl(int option, unsigned long a, const void *b, unsigned long c, unsigned long d)");
if (prctl(PR_SET_NO_NEW_PRIVS, 1, null, 0, 0) !== 0) throw new Error("cannot give up privileges");
if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0) !== 0)
  throw new Error(`cannot install a seccomp filter: errno ${koffi.errno()}`);
