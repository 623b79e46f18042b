#!/bin/sh
# AfterAllowTraffic: this server now receives requests.
set -eu
. "$(dirname "$0")/common.sh"

echo "$(cat "$APP/VERSION") serves visitors"
