"""Answers everything with a name, by UDP and TCP, IPv4 and IPv6, on port 9. Arguments: the name."""

import socket
import sys
import threading

name = sys.argv[1].encode()


def udp(family):
    server = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(("", 9))
    while True:
        _, sender = server.recvfrom(100)
        server.sendto(name, sender)


def tcp(family):
    server = socket.socket(family, socket.SOCK_STREAM)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(("", 9))
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
