import { connect, lease } from "netwatch";

const [host, port, uplink] = process.argv.slice(2);
const held = await lease({ kind: "uplink", via: uplink, families: ["ipv4"] });
held.onEvent((event) => console.log(event.kind, event.bindings));
try {
  const binding = await held.openBinding({ onStale: "rebind" });
  const socket = await connect({ host, port: Number(port), binding });
  console.log(`connected by ${binding.interface}`);
  await binding.close(); // and with it the socket
} finally {
  await held.release();
}
