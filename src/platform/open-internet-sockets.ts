import { interfaceIndexOf, interfaceNameOf } from "../../native-bindings/interface-index.ts";
import { InternetSocket } from "../../native-bindings/internet-socket.ts";
import type { InternetSockets } from "./internet-socket.ts";
import { PlatformError } from "./platform-error.ts";

/**
 * The sockets of the operating system that we run on. Only the code of that one is loaded.
 *
 * @throws PlatformError: `unsupported` for a system that netwatch does not know
 */
export async function openInternetSockets(): Promise<InternetSockets> {
  const dialect = await loadDialect();
  return {
    open: (family, type) => new InternetSocket(dialect, family, type),
    interfaceIndexOf,
    interfaceNameOf,
  };
}

async function loadDialect(): Promise<ConstructorParameters<typeof InternetSocket>[0]> {
  switch (process.platform) {
    case "linux":
      return (await import("../../native-bindings/linux/socket-dialect.ts")).linuxSocketDialect;
    case "darwin":
      return (await import("../../native-bindings/darwin/socket-dialect.ts")).darwinSocketDialect;
    default:
      throw new PlatformError(
        "unsupported",
        "bind a socket",
        new Error(`netwatch does not know how ${process.platform} binds sockets to interfaces`),
      );
  }
}
