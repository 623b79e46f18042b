#!/bin/sh
# ApplicationStart: starts the service in the background. All three streams are redirected; otherwise the hook would wait until the service ends.
set -eu
. "$(dirname "$0")/common.sh"

mkdir -p "$RUN" "$LOG"
cd "$APP"
nohup node server.mjs >>"$LOG/app.log" 2>&1 </dev/null &
echo $! >"$PID_FILE"
echo "started $(cat VERSION) on port $PORT"
