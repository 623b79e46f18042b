#!/bin/sh
# ApplicationStop: asks the running version to stop and lets it finish its requests.
set -eu
. "$(dirname "$0")/common.sh"

if ! is_running; then
  echo "nothing is running"
  exit 0
fi
pid=$(cat "$PID_FILE")
kill -TERM "$pid"
tries=0
while [ "$tries" -lt 100 ]; do
  if ! kill -0 "$pid" 2>/dev/null; then
    rm -f "$PID_FILE"
    echo "stopped $pid"
    exit 0
  fi
  tries=$((tries + 1))
  sleep 0.1
done
echo "process $pid did not end within 10 seconds" >&2
exit 1
