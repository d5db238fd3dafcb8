"""Asks port 9 of an address for a name and prints it, or `silence` or the name of an errno.

By `echo` it asks by ICMP (RFC 792, RFC 4443) and prints `echo`. Arguments: tcp, udp or echo, the address, the milliseconds to wait, then how to bind, any of
device=NAME unicast=NAME pktinfo=NAME source=ADDRESS
"""

import errno
import socket
import struct
import sys

protocol, address, wait = sys.argv[1:4]
ways = dict(way.split("=") for way in sys.argv[4:])
ipv6 = ":" in address
family = socket.AF_INET6 if ipv6 else socket.AF_INET
echo = protocol == "echo"
kind = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM, "echo": socket.SOCK_RAW}[protocol]
icmp = socket.IPPROTO_ICMPV6 if ipv6 else socket.IPPROTO_ICMP
client = socket.socket(family, kind, icmp if echo else 0)


def await_echo(reply):
    """Takes packets until the reply comes; in IPv4 they begin with their IP header."""
    while True:
        packet = client.recv(100)
        body = packet if ipv6 else packet[20:]
        if body[0] == reply:
            return b"echo"


client.settimeout(int(wait) / 1000)
try:
    if "device" in ways:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, ways["device"].encode())
    if "unicast" in ways:
        index = struct.pack("!I", socket.if_nametoindex(ways["unicast"]))
        level, option = (socket.IPPROTO_IPV6, 76) if ipv6 else (socket.IPPROTO_IP, 50)
        client.setsockopt(level, option, index)
    if "source" in ways:
        client.bind((ways["source"], 0))
    if protocol == "tcp":
        client.connect((address, 9))
        answer = client.recv(100)
    elif echo and ipv6:
        # The kernel fills in the checksum (RFC 3542).
        client.sendto(struct.pack("!BBHHH", 128, 0, 0, 7, 1), (address, 0))
        answer = await_echo(129)
    elif echo:
        checksum = 0xFFFF - (0x0800 + 7 + 1)
        client.sendto(struct.pack("!BBHHH", 8, 0, checksum, 7, 1), (address, 0))
        answer = await_echo(0)
    elif "pktinfo" in ways:
        index = socket.if_nametoindex(ways["pktinfo"])
        if ipv6:
            info = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, bytes(16) + struct.pack("I", index))
        else:
            info = (socket.IPPROTO_IP, 8, struct.pack("i", index) + bytes(8))
        client.sendmsg([b"?"], [info], 0, (address, 9))
        answer = client.recv(100)
    else:
        client.sendto(b"?", (address, 9))
        answer = client.recv(100)
    print(answer.decode())
except socket.timeout:
    print("silence")
except OSError as error:
    print(errno.errorcode.get(error.errno, error))
