#!/bin/sh
# BeforeInstall: checks, before any file is copied, that the server has what the service needs.
set -eu
. "$(dirname "$0")/common.sh"

if ! command -v node >/dev/null; then
  echo "Node.js is not installed on this server: add it to the launch template's image" >&2
  exit 1
fi
mkdir -p "$RUN" "$LOG"
echo "node $(node --version)"
