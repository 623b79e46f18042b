#!/bin/sh
# AfterBlockTraffic: the old server receives no more requests. It keeps running, so that traffic can come back at once.
set -eu
. "$(dirname "$0")/common.sh"

echo "$(cat "$APP/VERSION") has no more visitors"
