#!/usr/bin/env python3
"""Records the golden messages of this folder from the running kernel and its iproute2.

    sh test/in-namespace.sh python3 test/wire/netlink/record-goldens.py [NAME...]

Writes goldens/NAME.hex for each case below, or for the cases named. Every case says how it was seen:

    request   what `ip` sent, as strace saw it: the witness for what our encoders send
    reply     what the kernel answered to `ip`, as strace saw it
    event     what the kernel told its multicast groups

Refuses to run where there is a link other than lo: it changes links, routes and rules.
docs/recording-goldens.md says more.
"""

import os
import re
import shlex
import socket
import struct
import subprocess
import sys
import tempfile

GOLDENS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "goldens")

# RTM_*: linux/rtnetlink.h
NEWLINK, DELLINK, GETLINK = 16, 17, 18
NEWADDR, DELADDR, GETADDR = 20, 21, 22
NEWROUTE, DELROUTE, GETROUTE = 24, 25, 26
NEWRULE, DELRULE, GETRULE = 32, 33, 34
NEWNEXTHOP, GETNEXTHOP = 104, 106

# How, name, message type (* for all but links), command. What "do" does is not recorded; {peer} is the process
# that holds a second namespace.
CASES = """
do      ip link set lo up
do      ip link add eth0 index 10 address 02:00:00:00:00:10 type veth peer name eth1 index 11
do      ip link add eth2 index 12 address 02:00:00:00:00:12 type veth peer name eth3 index 13
do      ip link set eth3 netns {peer}
do      nsenter --net=/proc/{peer}/ns/net ip link set eth3 up
do      ip link set eth0 up
do      ip link set eth1 up
do      ip link set eth2 up
reply   link-loopback                 NEWLINK     ip link show dev lo
reply   link-veth-up                  NEWLINK     ip link show dev eth2
request link-get-dump                 GETLINK     ip link show
event   link-bridge-added             NEWLINK     ip link add br0 index 20 address 02:00:00:00:00:20 type bridge
do      ip link add eth4 index 14 address 02:00:00:00:00:14 type veth peer name eth5 index 15
do      ip link set eth4 master br0
reply   link-bridge-port              NEWLINK     ip link show dev eth4
event   link-tun-added                NEWLINK     ip tuntap add tun0 mode tun
event   link-deleted                  DELLINK     ip link del br0

reply   address-loopback              NEWADDR     ip -4 addr show dev lo
event   address-ipv4                  NEWADDR     ip addr add 10.0.0.2/24 brd + dev eth0
event   address-ipv4-peer-label       NEWADDR     ip addr add 10.9.0.1 peer 10.9.0.2/32 label eth0:vpn dev eth0
event   address-ipv4-lifetimes        NEWADDR     ip addr add 10.8.0.1/24 dev eth0 valid_lft 3600 preferred_lft 1800 metric 50
event   address-ipv4-deleted          DELADDR     ip addr del 10.8.0.1/24 dev eth0
do      ip addr add 2001:db8::2/64 dev eth0
reply   address-ipv6-tentative        NEWADDR     ip -6 addr show dev eth0 scope global
do      ip addr add 2001:db8:1::2/64 dev eth2 nodad preferred_lft 0 valid_lft 3600
reply   address-ipv6-deprecated       NEWADDR     ip -6 addr show dev eth2 scope global
do      ip addr del 2001:db8:1::2/64 dev eth2
do      sh -c "echo 1 > /proc/sys/net/ipv6/conf/eth2/use_tempaddr"
do      ip addr add 2001:db8:2::2/64 dev eth2 nodad mngtmpaddr
reply   address-ipv6-temporary        NEWADDR     ip -6 addr show dev eth2 temporary
do      ip addr del 2001:db8:2::2/64 dev eth2
request address-get-dump-by-index     GETADDR     ip -4 addr show dev eth0

do      ip addr add 2001:db8:3::2/64 dev eth0 nodad
do      ip addr add 10.1.0.2/24 dev eth2
do      ip addr add 2001:db8:4::2/64 dev eth2 nodad
do      ip addr add fe80::12/64 dev eth2 nodad
request route-add-gateway             NEWROUTE    ip route add default via 10.0.0.1 dev eth0
event   route-deleted                 DELROUTE    ip route del default via 10.0.0.1 dev eth0
event   route-gateway                 NEWROUTE    ip route add default via 10.0.0.1 proto dhcp src 10.0.0.2 metric 100 dev eth0
event   route-replaced                NEWROUTE    ip route replace default via 10.0.0.9 proto dhcp src 10.0.0.2 metric 100 dev eth0
request route-delete-every-attribute  DELROUTE    ip route del default via 10.0.0.9 proto dhcp src 10.0.0.2 metric 100 dev eth0
event   route-device                  NEWROUTE    ip route add default dev eth0 scope link table 5100 proto 199
request route-add-device              NEWROUTE    ip route add default dev eth2 scope link table 5101 proto 199
event   route-onlink                  NEWROUTE    ip route add default via 172.16.0.1 dev eth0 onlink table 102
request route-add-onlink              NEWROUTE    ip route add default via 172.16.0.1 dev eth0 onlink table 103
event   route-multipath               NEWROUTE    ip route add default table 104 proto static metric 20 nexthop via 10.0.0.1 dev eth0 weight 3 nexthop via 10.1.0.1 dev eth2 weight 1 onlink
request route-add-multipath           NEWROUTE    ip route add default table 105 nexthop via 10.0.0.1 dev eth0 weight 3 nexthop via 10.1.0.1 dev eth2 weight 1 onlink
event   route-via-ipv6                NEWROUTE    ip -4 route add default via inet6 2001:db8:3::1 dev eth0 table 106
request route-add-via-ipv6            NEWROUTE    ip -4 route add default via inet6 2001:db8:3::1 table 107 dev eth0
event   route-metrics                 NEWROUTE    ip route add default via 10.0.0.1 dev eth0 table 108 mtu lock 1400 advmss 1300 congctl cubic
request route-add-metrics             NEWROUTE    ip route add default via 10.0.0.1 dev eth0 table 109 mtu lock 1400 advmss 1300
event   route-unreachable             NEWROUTE    ip route add unreachable default metric 4278198272 table 110
request route-add-unreachable         NEWROUTE    ip route add unreachable default metric 4278198272 table 111
event   route-encap-ip                NEWROUTE    ip route add default encap ip id 7 dst 10.0.0.7 via 10.0.0.1 dev eth0 table 112
request route-add-encap-ip            NEWROUTE    ip route add default encap ip id 7 dst 10.0.0.7 via 10.0.0.1 table 114 dev eth0
request route-add-half                NEWROUTE    ip route add 128.0.0.0/1 dev eth0 table 113
event   route6-gateway                NEWROUTE    ip -6 route add default via fe80::1 dev eth0 metric 512 table 120
event   route6-expires-pref           NEWROUTE    ip -6 route add default via fe80::1 proto ra metric 1024 expires 1800 pref high table 121 dev eth0
request route6-add-expires-pref       NEWROUTE    ip -6 route add default via fe80::1 proto ra metric 1024 table 122 expires 1800 pref high dev eth0
event   route6-multipath              NEWROUTE    ip -6 route add default table 123 nexthop via fe80::1 dev eth0 nexthop via fe80::1 dev eth2 weight 2
event   route6-unreachable            NEWROUTE    ip -6 route add unreachable default metric 4278198272 table 124
event   route6-from                   NEWROUTE    ip -6 route add default from 2001:db8:3::/64 via fe80::1 dev eth0 table 125
event   nexthop-single                NEWNEXTHOP  ip nexthop add id 5 via 10.0.0.1 dev eth0 proto 199
event   nexthop-onlink-ipv6           NEWNEXTHOP  ip nexthop add id 6 via fe80::1 dev eth2 onlink
do      ip nexthop add id 7 via 10.1.0.1 dev eth2
event   nexthop-group                 NEWNEXTHOP  ip nexthop add id 8 group 5,3/7
event   nexthop-blackhole             NEWNEXTHOP  ip nexthop add id 9 blackhole
reply   nexthop-dump                  NEWNEXTHOP  ip nexthop show
request nexthop-get                   GETNEXTHOP  ip nexthop get id 5
request nexthop-get-dump              GETNEXTHOP  ip nexthop show
event   route-nexthop-object          NEWROUTE    ip route add default nhid 8 table 130
request route-add-nexthop-object      NEWROUTE    ip route add default nhid 5 table 131
do      sysctl -q net.ipv4.nexthop_compat_mode=0
reply   route-nexthop-object-only     NEWROUTE    ip route show table 130
do      sysctl -q net.ipv4.nexthop_compat_mode=1
do      ip route add default via 10.0.0.1 dev eth0
do      ip route add 192.0.2.0/24 via 10.0.0.1 dev eth0
do      ip -6 route add default via fe80::1 dev eth0
request route-get-dump-table          GETROUTE    ip -4 route show table 104
request route-get-dump-wide-table     GETROUTE    ip -4 route show table 5100
request route-get-dump-filters        GETROUTE    ip -4 route show table main proto static dev eth0
reply   route-dump-main               *           ip -4 route show table main
reply   route6-dump-main              *           ip -6 route show table main
request route-get-lookup              GETROUTE    ip route get fibmatch 1.0.0.1
reply   route-lookup-answer           NEWROUTE    ip route get fibmatch 1.0.0.1
request link-get-by-index             GETLINK     ip route get fibmatch 1.0.0.1
request route-get-lookup-keys         GETROUTE    ip route get fibmatch to 1.0.0.1 from 10.0.0.2 oif eth0 mark 81 uid 1000 ipproto tcp sport 1234 dport 443
request route-get-lookup-iif          GETROUTE    ip route get fibmatch to 1.0.0.1 from 10.1.0.9 iif eth2
request route6-get-lookup             GETROUTE    ip -6 route get fibmatch 2000::1
reply   route6-lookup-answer          NEWROUTE    ip -6 route get fibmatch 2000::1
reply   error-no-route                *           nsenter --net=/proc/{peer}/ns/net ip route get fibmatch 1.0.0.1

request rule-add-suppress             NEWRULE     ip rule add pref 5100 oif eth0 lookup main suppress_prefixlength 0 protocol 199
event   rule-suppress                 NEWRULE     ip rule add pref 5101 oif eth0 lookup main suppress_prefixlength 0 protocol 199
request rule-add-oif                  NEWRULE     ip rule add pref 5102 oif eth0 lookup 5100 protocol 199
event   rule-oif                      NEWRULE     ip rule add pref 5103 oif eth0 lookup 5100 protocol 199
request rule-delete-oif               DELRULE     ip rule del pref 5103 oif eth0 lookup 5100 protocol 199
event   rule-oif-detached             NEWRULE     ip rule add pref 5104 oif gone0 lookup 5100
event   rule-iif-detached             NEWRULE     ip -6 rule add pref 5105 iif gone0 lookup 5100
event   rule-fwmark-mask              NEWRULE     ip rule add pref 5106 fwmark 0x51/0xff lookup 100
request rule-add-fwmark-mask          NEWRULE     ip rule add pref 5107 fwmark 0x51/0xff lookup 100
event   rule-from                     NEWRULE     ip rule add pref 5108 from 10.0.0.0/24 tos 0x10 lookup 100
request rule-add-from-to              NEWRULE     ip rule add from 10.0.0.0/24 to 10.1.0.1 pref 5109 lookup 100
event   rule-uidrange-ports           NEWRULE     ip rule add pref 5110 uidrange 1000-1999 ipproto tcp sport 1000-2000 dport 443 lookup 100
request rule-add-uidrange-ports       NEWRULE     ip rule add pref 5111 uidrange 1000-1999 ipproto tcp sport 1000-2000 dport 443 lookup 100
event   rule-not                      NEWRULE     ip rule add not fwmark 0x51 pref 5112 lookup 5100 suppress_ifgroup 4
request rule-add-not                  NEWRULE     ip rule add not pref 5113 fwmark 0x51 lookup 5100 suppress_ifgroup 4
event   rule-goto                     NEWRULE     ip rule add pref 5114 goto 32766
event   rule-goto-unresolved          NEWRULE     ip rule add pref 5115 goto 6000
request rule-add-goto                 NEWRULE     ip rule add pref 5116 goto 6000
event   rule-unreachable              NEWRULE     ip -6 rule add pref 5117 from 2001:db8:9::/48 unreachable
event   rule-l3mdev                   NEWRULE     ip rule add pref 5118 l3mdev
event   rule-tun-id                   NEWRULE     ip rule add pref 5119 tun_id 77 lookup 100
request rule-get-dump                 GETRULE     ip -6 rule show
reply   rule-dump                     *           ip -6 rule show

reply   error-no-egress-device        *           ip -6 route add default via fe80::1
reply   error-file-exists             *           ip -6 route add default via fe80::1 dev eth0
reply   error-missing-device          *           ip link show dev none0
reply   error-acknowledgement         *           ip route add 198.51.100.0/24 dev eth0
do      ip link set eth1 down
reply   link-veth-no-carrier          NEWLINK     ip link show dev eth0
reply   route-linkdown                NEWROUTE    ip route show table 5100
reply   route6-linkdown               NEWROUTE    ip -6 route show table 120
reply   route-multipath-leg-linkdown  NEWROUTE    ip route show table 104
do      ip link set eth1 up
"""


def event_socket():
    events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    # RTNLGRP_*: links, addresses, routes and rules of both families, nexthop objects.
    groups = (1, 5, 7, 8, 9, 11, 19, 32)
    events.bind((0, sum(1 << (group - 1) for group in groups)))
    events.setblocking(False)
    return events


def drain(events):
    buffers = []
    while True:
        try:
            buffers.append(events.recv(1 << 16))
        except BlockingIOError:
            return buffers


def split(buffer):
    messages = []
    while len(buffer) >= 16:
        length = struct.unpack_from("<I", buffer)[0]
        if length < 16:
            break  # `ip` sends the unused room of some dump requests too, as zeros
        messages.append(buffer[: (length + 3) & ~3])
        buffer = buffer[(length + 3) & ~3 :]
    return messages


def strace(words):
    """Runs a command and gives the buffers that it sent and those that it received, by netlink."""
    with tempfile.NamedTemporaryFile("r") as trace:
        calls = "trace=sendmsg,sendto,recvmsg,recvfrom"
        subprocess.run(
            ["strace", "-f", "-o", trace.name, "-e", calls, "-e", "read=all", "-e", "write=all", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        sent, received = [], []
        buffers = sent
        for line in trace:
            if re.search(r"\b(sendmsg|sendto)\(", line):
                buffers = sent
            elif re.search(r"\b(recvmsg|recvfrom)\(", line):
                buffers = received
            dump = re.match(r"(?:\d+ +)? ?\| ([0-9a-f]{5,})  ((?:[0-9a-f]{2}[ ]{1,2})+)", line)
            if dump and int(dump.group(1), 16) == 0:
                buffers.append(b"")
            if dump:
                buffers[-1] += bytes.fromhex(dump.group(2))
        return sent, received


def message_type(message):
    return struct.unpack_from("<H", message, 4)[0]


def record(how, kind, command, events):
    words = shlex.split(command)
    if how == "event":
        drain(events)
        subprocess.run(words)
        messages = [m for buffer in drain(events) for m in split(buffer)]
    else:
        sent, received = strace(words)
        messages = [m for buffer in (sent if how == "request" else received) for m in split(buffer)]
    if kind == "*":
        # All that answers the request itself; the links are answers to `ip` looking up names.
        return [m for m in messages if message_type(m) != NEWLINK]
    wanted = [m for m in messages if message_type(m) == globals()[kind]]
    # `ip` looks up the names of other links besides; of a link's events, the last tells the outcome.
    if how == "request" or (how == "event" and kind == "NEWLINK"):
        return wanted[-1:]
    return wanted[:1] if kind == "NEWLINK" else wanted


def render(header, messages):
    lines = [f"# {line}" for line in header]
    for message in messages:
        lines.append("")
        lines += [message[at : at + 16].hex(" ", 2) for at in range(0, len(message), 16)]
    return "\n".join(lines) + "\n"


def main():
    links = sorted(name for _, name in socket.if_nameindex())
    if links != ["lo"]:
        sys.exit(f"there are other links than lo here ({', '.join(links)}): run it in a fresh namespace")
    os.makedirs(GOLDENS, exist_ok=True)
    release = os.uname()
    version = ".".join(release.release.split(".")[:2])
    iproute2 = subprocess.run(["ip", "-V"], capture_output=True, text=True).stdout
    tools = re.search(r"iproute2-([0-9.]+)", iproute2)
    kernel = f"Linux {version} {release.machine}, iproute2 {tools.group(1) if tools else 'unknown'}"
    only = set(sys.argv[1:])
    peer = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up; echo; exec cat"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    peer.stdout.readline()
    events = event_socket()
    failed = []
    for line in CASES.strip().splitlines():
        if not line:
            continue
        how, rest = line.split(None, 1)
        if how == "do":
            subprocess.run(shlex.split(rest.replace("{peer}", str(peer.pid))), check=True)
            continue
        name, kind, command = rest.split(None, 2)
        messages = record(how, kind, command.replace("{peer}", str(peer.pid)), events)
        if not messages:
            failed.append(name)
        elif not only or name in only:
            shown = command.replace("nsenter --net=/proc/{peer}/ns/net ", "")
            with open(os.path.join(GOLDENS, f"{name}.hex"), "w") as file:
                file.write(render([kernel, f"{how} of: {shown}"], messages))
    peer.stdin.close()
    peer.wait()
    if failed:
        sys.exit(f"nothing was seen for: {', '.join(failed)}")


main()
