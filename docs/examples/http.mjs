import { request } from "node:http";
import { connect } from "netwatch";

const [host, port, uplink] = process.argv.slice(2);
const socket = await connect({ host, port: Number(port), binding: { interface: uplink } });
request({ host, port, path: "/", createConnection: () => socket }, (response) => {
  response.pipe(process.stdout);
}).end();
