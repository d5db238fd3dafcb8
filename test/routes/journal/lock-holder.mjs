// Holds the management lock's name as another program would, with nothing of netwatch, until it is killed.
import { createServer } from "node:net";

const server = createServer((socket) => socket.destroy());
server.on("error", (error) => process.stdout.write(`${error.code}\n`));
server.listen({ path: process.argv[2].replaceAll("@", "\0").padEnd(108, "\0") }, () =>
  process.stdout.write("listening\n"),
);
