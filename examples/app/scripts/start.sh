#!/bin/sh
# ApplicationStart: starts the service in the background. All three streams leave the hook, or it would wait for its end.
set -eu
. "$(dirname "$0")/common.sh"

mkdir -p "$RUN" "$LOG"
cd "$APP"
nohup node server.mjs >>"$LOG/app.log" 2>&1 </dev/null &
echo $! >"$PID_FILE"
echo "started $(cat VERSION) on port $PORT"
