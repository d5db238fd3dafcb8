import { openAdminClient, paths } from "netwatch/admin";

const client = openAdminClient();
const { effective } = (await client.get(paths.routesPath, "list the routes")).defaults.ipv4;
console.log(effective?.interface ?? "no default");
