#!/bin/sh
# Runs a command in a network namespace of its own, so that no test can touch the machine's network.
# Without root the namespace comes with a user namespace in which we are root.
set -eu
if [ "$(uname -s)" != Linux ]; then exec "$@"; fi
if [ "$(id -u)" = 0 ]; then
  set -- unshare --net -- sh -c 'ip link set lo up && exec "$@"' in-namespace "$@"
else
  set -- unshare --user --map-root-user --net -- sh -c 'ip link set lo up && exec "$@"' in-namespace "$@"
fi
exec "$@"
