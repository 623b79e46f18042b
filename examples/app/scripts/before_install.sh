#!/bin/sh
# BeforeInstall: what the service needs must be there before a file is copied.
set -eu
. "$(dirname "$0")/common.sh"

if ! command -v node >/dev/null; then
  echo "Node.js is not installed on this server: add it to the launch template's image" >&2
  exit 1
fi
mkdir -p "$RUN" "$LOG"
echo "node $(node --version)"
