#!/bin/sh
# AfterAllowTraffic: this server now gets requests.
set -eu
. "$(dirname "$0")/common.sh"

echo "$(cat "$APP/VERSION") serves visitors"
