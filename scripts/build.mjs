// Builds dist/index.js, one file, the same bytes wherever it runs: dist is removed first, so nothing is left over.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const run = (script, ...args) =>
  execFileSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit'
  })

for (const folder of ['lib', 'dist']) rmSync(join(root, folder), { recursive: true, force: true })
run('@typescript/native/bin/tsc', '-p', 'tsconfig.build.json')
run('@vercel/ncc/dist/ncc/cli.js', 'build', 'lib/index.js', '-o', 'dist', '--license', 'licenses.txt')
