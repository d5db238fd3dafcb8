import { once } from "node:events";
import { createSocket } from "netwatch";

const [host, port, uplink] = process.argv.slice(2);
const socket = await createSocket({
  type: "udp4",
  binding: {
    interface: uplink,
    onStale: "fallback",
    onEvent: (event) => event.kind === "binding-fallback" && console.log(`fell back: ${event.what}`),
  },
});
socket.send("hello", Number(port), host);
const [answer] = await once(socket, "message");
console.log(String(answer));
socket.close();
