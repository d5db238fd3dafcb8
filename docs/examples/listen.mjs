import { listen } from "netwatch";

const [port, uplink] = process.argv.slice(2);
const server = await listen({ port: Number(port), binding: { interface: uplink } });
console.log(`listening on port ${server.address().port} of ${uplink}`);
server.on("connection", (socket) => {
  socket.end("hello\n");
  server.close();
});
