import { connect } from "netwatch";

const [host, port, uplink] = process.argv.slice(2);
const socket = await connect({ host, port: Number(port), binding: { interface: uplink } });
socket.on("error", (error) => console.error(error.message));
socket.on("data", (bytes) => {
  process.stdout.write(bytes);
  socket.end();
});
socket.write("hello\n");
