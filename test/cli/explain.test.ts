import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import { explanationSchema } from "../../src/admin-api/explanation-schema.ts";
import { runNetwatch } from "../explain/running-explain.ts";
import { openNamespace, type TestNamespace } from "../namespace/namespace.ts";

describe.skipIf(process.platform !== "linux")("netwatch explain", () => {
  let host: TestNamespace;

  beforeAll(async () => {
    host = await openNamespace();
    enterNetworkNamespace(host.path);
    host.ipBatch([
      "link add eth0 type veth peer name far0",
      "link set eth0 up",
      "link set far0 up",
      "addr add 192.168.1.20/24 dev eth0",
      "addr add fd00::20/64 dev eth0 nodad",
      "route add default via 192.168.1.1 metric 100",
      "route add unreachable 198.51.100.0/24",
    ]);
  });
  afterAll(() => host[Symbol.dispose]());

  const explain = (...words: readonly string[]): ReturnType<typeof runNetwatch> =>
    runNetwatch(["explain", ...words]);

  test.each([
    [["1.1.1.1", "--bind", "eht0"], "there is no interface eht0", "Did you mean eth0?"],
    [["1.1.1.1", "--bind", "nothinglikeit"], "there is no interface nothinglikeit", "There are: "],
    [["1.1.1.1", "--iif", "eth0"], "has a source", "--from ADDRESS"],
    [["1.1.1.1", "--iif", "eth0", "--bind", "lo", "--from", "9.9.9.9"], "either comes in", "one"],
    [["224.0.0.5", "--iif", "eth0", "--from", "9.9.9.9"], "for a group", "--iif"],
    [["1.1.1.1", "--from", "fd00::20"], "fd00::20 is an IPv6 address", "one family"],
    [["1.1.1.1", "--from", "eth0"], "--from eth0 is no address", "such as"],
    [["1.1.1.1", "--mark", "0x1ffffffff"], "--mark 0x1ffffffff is no number", ""],
    [["1.1.1.1", "--dport", "http"], "--dport http is no number from 1 to 65535", ""],
    [["1.1.1.1", "--uid", "-1"], "--uid -1 is no number", ""],
    [["1.1.1.1", "--protocol", "sctp"], "cannot be asked about protocol sctp", "tcp, udp or icmp"],
    [["1.1.1.1", "-6"], "1.1.1.1 is an IPv4 address", "-4 and -6"],
  ])("%j is a wrong question, said with what to do", async (words, why, hint) => {
    const { stdout, stderr, exitCode } = await explain(...words);
    expect([stdout, exitCode]).toEqual(["", 2]);
    expect(stderr).toMatch(/^netwatch: cannot explain: /);
    expect(stderr).toContain(why);
    expect(stderr).toContain(hint);
  });

  test("without a destination it says what is missing, with exit code 2", async () => {
    const { stderr, exitCode } = await explain();
    expect(exitCode).toBe(2);
    expect(stderr).toContain("missing required argument 'destination'");
  });

  test("a name is looked up, and said; one without an address is no wrong question", async () => {
    const found = await explain("localhost", "-4");
    expect(found).toMatchObject({ stderr: "", exitCode: 0 });
    expect(found.stdout).toContain("127.0.0.1 is this host itself");
    expect(found.stdout).toContain("localhost is 127.0.0.1");
    const none = await explain("no-such-host.invalid");
    expect(none).toMatchObject({ stdout: "", exitCode: 1 });
    expect(none.stderr).toContain("cannot explain the way to no-such-host.invalid");
  });

  test("a link-local address brings its interface along", async () => {
    const { stdout } = await explain("fe80::1%eth0", "--json");
    const { packet, verdict } = explanationSchema.parse(JSON.parse(stdout));
    expect(packet).toMatchObject({ destination: "fe80::1", boundTo: "eth0" });
    expect(verdict.interface).toBe("eth0");
  });

  test("IPv4 in IPv6 clothes goes by the IPv4 routes", async () => {
    const { stdout } = await explain("::ffff:1.1.1.1", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      packet: { destination: "1.1.1.1", family: "ipv4" },
    });
  });

  test("a refused packet: the reason first, exit code 1, and the same in JSON", async () => {
    const text = await explain("198.51.100.7");
    expect(text.exitCode).toBe(1);
    expect(text.stdout.split("\n")[0]).toBe(
      "✗ 198.51.100.7 cannot be reached: 198.51.100.0/24 in table main says unreachable: host is unreachable (EHOSTUNREACH)",
    );
    const json = await explain("198.51.100.7", "--json");
    expect(json.exitCode).toBe(1);
    expect(explanationSchema.parse(JSON.parse(json.stdout)).verdict).toMatchObject({
      outcome: "refused",
      error: { code: "EHOSTUNREACH" },
    });
  });

  test.each([20, 40, 60, 79])("no line is wider than a terminal of %i columns", async (columns) => {
    const { stdout } = await runNetwatch(["explain", "1.1.1.1", "--bind", "eth0"], columns);
    const lines = stdout.split("\n");
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(stdout.replace(/\s+/g, " ")).toContain("default via 192.168.1.1 dev eth0 metric 100");
  });
});
