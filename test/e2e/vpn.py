"""A VPN that takes over the defaults of its network namespace, and cleans nothing up. Arguments: device, way.

device: what vpn0 is
  tun    /dev/net/tun, gone with this process
  veth   a link into a namespace that only this process holds, gone with it too: needs no /dev/net/tun
  left   a device that nobody answers behind, and that stays when this process is gone
way: how it takes 0.0.0.0/0 and ::/0
  replace  asks for them, hears that they exist, deletes what is there and adds its own
  metric   adds its own with a lower metric
  split    adds two halves of each

It prints `up` when it has done so. What comes by the tunnel for UDP port 9 is answered with `V`.
"""

import ctypes
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

CLONE_NEWNET = 0x40000000  # linux/sched.h
TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
OUTSIDE = ("198.51.100.1", "2001:db8:ffff::1")

device, way = sys.argv[1:3]


def ip(words):
    return subprocess.run(["ip", *words.split()], capture_output=True, text=True)


def must(words):
    done = ip(words)
    if done.returncode != 0:
        sys.exit(f"ip {words}: {done.stderr}")


def configure():
    must("link set vpn0 up")
    must("address add 10.2.0.2/24 dev vpn0")
    must("address add fd02::2/64 dev vpn0 nodad")


def take_over():
    via = {"-4": "", "-6": ""} if device != "veth" else {"-4": "via 10.2.0.1", "-6": "via fd02::1"}
    for family, gateway in via.items():
        add = f"{family} route add %s {gateway} dev vpn0"
        if way == "split":
            for half in ("0.0.0.0/1", "128.0.0.0/1") if family == "-4" else ("::/1", "8000::/1"):
                must(add % half)
        elif way == "metric":
            must(f"{add % 'default'} metric 10")
        else:
            metric = "metric 100"
            while "File exists" in ip(f"{add % 'default'} {metric}").stderr:
                must(f"{family} route del default {metric}")
            while ip(f"{family} route del default metric 600").returncode == 0:
                pass


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp(source, target, ports, payload):
    here, there = struct.unpack("!HH", ports)
    bare = struct.pack("!HHHH", there, here, 8 + len(payload), 0) + payload
    pseudo = source + target + struct.pack("!IxxxB", len(bare), socket.IPPROTO_UDP)
    if len(source) == 4:
        pseudo = source + target + struct.pack("!xBH", socket.IPPROTO_UDP, len(bare))
    return bare[:6] + struct.pack("!H", checksum(pseudo + bare) or 0xFFFF) + bare[8:]


def answer(packet):
    if packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_UDP:
        body = udp(packet[16:20], packet[12:16], packet[20:24], b"V")
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, socket.IPPROTO_UDP, 0)
        head += packet[16:20] + packet[12:16]
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body
    if packet[0] >> 4 == 6 and packet[6] == socket.IPPROTO_UDP:
        body = udp(packet[24:40], packet[8:24], packet[40:44], b"V")
        head = struct.pack("!IHBB", 6 << 28, len(body), socket.IPPROTO_UDP, 64)
        return head + packet[24:40] + packet[8:24] + body
    return None


def run_tun():
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"vpn0", IFF_TUN | IFF_NO_PI))
    configure()
    take_over()
    os.write(1, b"up\n")
    while True:
        reply = answer(os.read(tun, 2048))
        if reply is not None:
            os.write(tun, reply)


def run_veth():
    """The namespace at the far end is this process's own, so its links go when it is killed."""
    inside, outside = os.pipe(), os.pipe()
    me = os.getpid()
    if os.fork() == 0:
        os.read(inside[0], 1)
        must(f"link add vpn0 type veth peer name far netns {me}")
        configure()
        os.write(outside[1], b".")
        os.read(inside[0], 1)
        take_over()
        os.write(outside[1], b".")
        os._exit(0)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    os.write(inside[1], b".")
    os.read(outside[0], 1)
    for words in (
        "link set far up",
        "address add 10.2.0.1/24 dev far",
        "address add fd02::1/64 dev far nodad",
        "link set lo up",
        f"address add {OUTSIDE[0]}/32 dev lo",
        f"address add {OUTSIDE[1]}/128 dev lo nodad",
    ):
        must(words)
    servers = []
    for family in (socket.AF_INET, socket.AF_INET6):
        server = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        server.bind(("", 9))
        servers.append(server)
    os.write(inside[1], b".")
    os.read(outside[0], 1)
    os.write(1, b"up\n")
    while True:
        for server in select.select(servers, [], [])[0]:
            _, sender = server.recvfrom(100)
            server.sendto(b"V", sender)


def run_left():
    must("link add vpn0 type ifb")
    configure()
    take_over()
    os.write(1, b"up\n")
    select.select([], [], [])


{"tun": run_tun, "veth": run_veth, "left": run_left}[device]()
