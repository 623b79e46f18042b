import { createHash } from 'node:crypto'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A made-up commit; the same name always gives the same one. */
export const commitOf = (name: string): string => createHash('sha1').update(name).digest('hex')

const SERVER = join(import.meta.dirname, '../../examples/app/server.mjs')

const APPSPEC = `version: 0.0
os: linux
files:
  - source: /
    destination: /srv/app
file_exists_behavior: OVERWRITE
hooks:
  ApplicationStop:
    - location: scripts/stop.sh
      timeout: 300
  ApplicationStart:
    - location: scripts/start.sh
      timeout: 300
  ValidateService:
    - location: scripts/validate.sh
      timeout: 300
  AfterAllowTraffic:
    - location: scripts/after.sh
      timeout: 300
`

const START = `#!/bin/sh
set -eu
cd "\${INSTANCE_ROOT:-}/srv/app"
nohup node server.mjs >app.log 2>&1 </dev/null &
echo $! >app.pid
`

const STOP = `#!/bin/sh
cd "\${INSTANCE_ROOT:-}/srv/app" 2>/dev/null || exit 0
if [ -f app.pid ]; then kill "$(cat app.pid)" 2>/dev/null || true; rm -f app.pid; fi
`

const VALIDATE = `#!/bin/sh
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  curl --silent --fail --max-time 2 "http://\${HOST:-127.0.0.1}:$PORT/health" && exit 0
  sleep 0.1
done
echo "no answer on port $PORT" >&2
exit 1
`

/** Writes a small web application that returns its version; `changes` replaces or adds files, by path. */
export const writeApp = async (
  folder: string,
  version: string,
  changes: Record<string, string> = {}
): Promise<string> => {
  await mkdir(folder, { recursive: true })
  await cp(SERVER, join(folder, 'server.mjs'))
  const files: Record<string, string> = {
    'appspec.yml': APPSPEC,
    VERSION: `${version}\n`,
    'scripts/start.sh': START,
    'scripts/stop.sh': STOP,
    'scripts/validate.sh': VALIDATE,
    'scripts/after.sh': '#!/bin/sh\nexit 0\n',
    ...changes
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text, { mode: path.endsWith('.sh') ? 0o755 : 0o644 })
  }
  return folder
}

/** The AppSpec of a bundle for machines that run nothing. */
export const BARE: Record<string, string> = {
  'appspec.yml': 'version: 0.0\nos: linux\nfiles:\n  - source: VERSION\n    destination: /srv/app\n'
}
