// Builds dist/index.js, one file, the same bytes wherever it runs. ncc numbers modules by their path relative to the folder it
// works in, so it works in a folder beside node_modules, wherever a link leads there: the paths are then the same.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const modules = realpathSync(join(root, 'node_modules'))
const work = mkdtempSync(join(dirname(modules), '.build-'))
const lib = join(work, 'lib')
const dist = join(root, 'dist')

const run = (cwd, script, ...args) =>
  execFileSync(process.execPath, [join(modules, script), ...args], { cwd, stdio: 'inherit' })
const ncc = (...args) => run(work, '@vercel/ncc/dist/ncc/cli.js', 'build', ...args)

/** The program of a packing thread is bundled alone and goes into the action as text, see src/bundle/worker-source.ts. */
const embedWorker = () => {
  const entry = join(work, 'pack-worker.cjs')
  writeFileSync(entry, `require('./lib/bundle/worker.js').runPackWorker()\n`)
  ncc(entry, '-o', join(work, 'worker'))
  const program = readFileSync(join(work, 'worker', 'index.cjs'), 'utf8')
  writeFileSync(
    join(lib, 'bundle', 'worker-source.js'),
    `export const WORKER_SOURCE = ${JSON.stringify(program)}\n`
  )
}

try {
  rmSync(dist, { recursive: true, force: true })
  writeFileSync(join(work, 'package.json'), '{ "type": "module" }\n')
  run(root, '@typescript/native/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', lib)
  embedWorker()
  ncc(join(lib, 'index.js'), '-o', dist, '--license', 'licenses.txt')
} finally {
  rmSync(work, { recursive: true, force: true })
}
