import { expect, test } from "vitest";
import { parseListenAddress } from "../../../src/daemon/metrics/listen-address.ts";

test.each([
  ["127.0.0.1:9797", { host: "127.0.0.1", port: 9_797 }],
  ["127.8.9.10:1", { host: "127.8.9.10", port: 1 }],
  ["localhost:65535", { host: "127.0.0.1", port: 65_535 }],
  ["[::1]:0", { host: "::1", port: 0 }],
])("parseListenAddress() understands %s", (text, expected) => {
  expect(parseListenAddress(text)).toEqual(expected);
});

test.each([
  "",
  "9797",
  ":9797",
  "127.0.0.1",
  "127.0.0.1:",
  "127.0.0.1:65536",
  "127.0.0.1:-1",
  "127.0.0.256:80",
  "127.1:80",
  "0.0.0.0:9797",
  "192.0.2.1:9797",
  "[::]:9797",
  "::1:9797",
  "[::ffff:127.0.0.1]:9797",
  "localhost.example:9797",
  "127.0.0.1:9797 ",
])("parseListenAddress() refuses %j", (text) => {
  expect(parseListenAddress(text)).toBeNull();
});
