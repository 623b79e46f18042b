#!/bin/sh
# AfterInstall: the copied files must be whole.
set -eu
. "$(dirname "$0")/common.sh"

node --check "$APP/server.mjs"
echo "installed $(cat "$APP/VERSION")"
