#!/bin/sh
# ValidateService: checks that the new version itself answers before it gets any traffic.
set -eu
. "$(dirname "$0")/common.sh"

expected=$(cat "$APP/VERSION")
url="http://${HOST:-127.0.0.1}:$PORT/health"

health() {
  if command -v curl >/dev/null; then
    curl --silent --fail --max-time 2 "$url"
  else
    node -e 'fetch(process.argv[1]).then(async (r) => { console.log(await r.text()); process.exit(r.ok ? 0 : 1) }, () => process.exit(1))' "$url"
  fi
}

for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  if answer=$(health) && echo "$answer" | grep -qF "\"version\":\"$expected\""; then
    echo "$expected is healthy"
    exit 0
  fi
  is_running || break
  sleep 0.25
done
is_running || echo "the service has ended" >&2
echo "$url did not answer as $expected; the end of the service's log:" >&2
tail -n 20 "$LOG/app.log" >&2 || true
exit 1
