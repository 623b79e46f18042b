#!/bin/sh
# Keeper of a machine without its own view, run as plain.sh MARK GROUPS. It waits until standard input ends (the cloud closes
# it, or is dead), then kills every process with MARK in its environment, if there is a /proc, and every process group listed in
# the file GROUPS.
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
