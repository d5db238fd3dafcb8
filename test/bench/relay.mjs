// The least that a daemon on Node could do: a netlink message comes, and a line goes to the subscriber at once.
// What netwatchd takes longer is what reading, comparing and telling cost. Argument: the socket's path.
import { createServer } from "node:http";
import { NetlinkSocket } from "../../dist/native-bindings/linux/netlink-socket.js";

const RTNLGRP_IPV4_ROUTE = 7; // linux/rtnetlink.h
const socket = NetlinkSocket.open({ nonBlocking: true, bufferBytes: 65_536 });
socket.join(RTNLGRP_IPV4_ROUTE);
let subscriber = null;
socket.watch(() => {
  while (socket.receive() !== null) {
    subscriber?.write('{"kind":"relay"}\n');
    subscriber?.socket?.uncork();
  }
});
createServer((_request, response) => {
  subscriber = response;
  response.flushHeaders();
}).listen(process.argv[2]);
process.once("SIGTERM", () => process.exit(0));
