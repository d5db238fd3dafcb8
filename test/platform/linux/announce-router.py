"""Announces a router once. Arguments: the interface, the lifetime in seconds, the preference (low, medium, high).

The message is that of RFC 4861, 4.2, with the preference of RFC 4191, 2.2; it goes to all nodes on the link.
With a further argument `asked` it waits for a router solicitation first and says what its hop limit was; with
`from=ADDRESS` it speaks from that link-local address.
"""

import socket
import struct
import sys

interface, lifetime, preference = sys.argv[1:4]
bits = {"low": 3, "medium": 0, "high": 1}[preference] << 3
index = socket.if_nametoindex(interface)
router = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
router.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
for word in sys.argv[4:]:
    if word.startswith("from="):
        router.bind((word[len("from=") :], 0, 0, index))
if "asked" in sys.argv[4:]:
    membership = socket.inet_pton(socket.AF_INET6, "ff02::2") + struct.pack("@I", index)
    router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, membership)
    router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
    router.settimeout(10)
    print("ready", flush=True)
    while True:
        message, extra, _, sender = router.recvmsg(100, 100)
        if message[0] == 133:
            print("asked with hop limit", struct.unpack("i", extra[0][2])[0], flush=True)
            break
announcement = struct.pack("!BBHBBHII", 134, 0, 0, 64, bits, int(lifetime), 0, 0)
router.sendto(announcement, ("ff02::1", 0, 0, index))
