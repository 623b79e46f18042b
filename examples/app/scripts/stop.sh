#!/bin/sh
# ApplicationStop: asks the running version to end, and lets it finish its requests.
set -eu
. "$(dirname "$0")/common.sh"

if ! is_running; then
  echo "nothing is running"
  exit 0
fi
pid=$(cat "$PID_FILE")
kill -TERM "$pid"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  if ! kill -0 "$pid" 2>/dev/null; then
    rm -f "$PID_FILE"
    echo "stopped $pid"
    exit 0
  fi
  sleep 0.5
done
echo "process $pid did not end within 10 seconds" >&2
exit 1
