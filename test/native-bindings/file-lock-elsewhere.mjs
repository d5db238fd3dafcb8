// Locks a file as another program would, with nothing of netwatch, until it is killed.
import { openSync } from "node:fs";
import koffi from "koffi";

const flock = koffi.load(null).func("int flock(int fd, int operation)");
const exclusive = 2;
process.stdout.write(`${flock(openSync(process.argv[2], "r+"), exclusive)}\n`);
setInterval(() => undefined, 1_000);
