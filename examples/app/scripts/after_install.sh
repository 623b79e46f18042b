#!/bin/sh
# AfterInstall: checks that the copied files are complete.
set -eu
. "$(dirname "$0")/common.sh"

node --check "$APP/server.mjs"
echo "installed $(cat "$APP/VERSION")"
