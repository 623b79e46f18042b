#!/bin/sh
# Keeper of a machine without an own view, run as
#   plain.sh MARK GROUPS
# Waits until standard input ends (the cloud lets go of the machine, or is dead), then kills every process that carries
# the MARK in its environment, where there is a /proc to find it in, and every process group named in the file GROUPS.
mark=$1 groups=$2
echo ready
cat >/dev/null
for round in 1 2 3 4 5 6 7 8 9 10; do
  found=$(grep -lsF "CLOUD_MACHINE=$mark" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3)
  for pid in $found; do kill -9 "$pid" 2>/dev/null; done
  [ "$round" -gt 1 ] || while read -r group; do kill -9 "-$group" 2>/dev/null; done <"$groups"
  [ -n "$found" ] || break
done
exit 0
