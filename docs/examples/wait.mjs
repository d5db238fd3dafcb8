import { connect, openBinding, StaleBindingError } from "netwatch";

const [host, port, uplink] = process.argv.slice(2);
const binding = await openBinding({ interface: uplink, onStale: "rebind", waitMs: 5_000 });
binding.onEvent((event) => console.log(event.kind, event.interface, event.generation));
try {
  const socket = await connect({ host, port: Number(port), binding });
  console.log(`connected by ${binding.interface}`);
  socket.destroy();
} catch (error) {
  if (!(error instanceof StaleBindingError)) throw error;
  console.log(`${error.message} (${error.because})`);
} finally {
  await binding.close();
}
