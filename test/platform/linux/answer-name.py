"""Answers everything with a name, by UDP and TCP, IPv4 and IPv6, on port 9.

Arguments: the name, and perhaps the interface that the sockets are bound to.
"""

import socket
import sys
import threading

name = sys.argv[1].encode()
device = sys.argv[2].encode() if len(sys.argv) > 2 else None


def bound(family, kind):
    server = socket.socket(family, kind)
    if device is not None:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(("", 9))
    return server


def udp(family):
    server = bound(family, socket.SOCK_DGRAM)
    while True:
        _, sender = server.recvfrom(100)
        server.sendto(name, sender)


def tcp(family):
    server = bound(family, socket.SOCK_STREAM)
    server.listen()
    while True:
        connection, _ = server.accept()
        connection.sendall(name)
        connection.close()


for family in (socket.AF_INET, socket.AF_INET6):
    for serve in (udp, tcp):
        threading.Thread(target=serve, args=(family,), daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
