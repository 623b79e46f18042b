# Shared by all hooks. INSTANCE_ROOT is empty on a server; where the hooks cannot have their own `/`, it is a folder.
APP="${INSTANCE_ROOT:-}/srv/app"
RUN="${INSTANCE_ROOT:-}/var/run/app"
LOG="${INSTANCE_ROOT:-}/var/log/app"
PID_FILE="$RUN/app.pid"
export PORT="${PORT:-8080}"

is_running() {
  [ -f "$PID_FILE" ] && kill -0 "$(cat "$PID_FILE")" 2>/dev/null
}
