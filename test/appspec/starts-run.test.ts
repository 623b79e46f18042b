import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { STARTS } from './starts.js'

// What the table says of each script is what a real shell does with it: after the script has ended, is there a process left
// that has its stdout or stderr open?

let home = ''
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'starts-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Stays until it is killed, unless it is only asked something. */
const SERVER =
  '#!/bin/sh\ncase "$*" in *--check*) exit 0 ;; esac\necho $$ >> "$STARTED"\nexec /bin/sleep 100000\n'
const PROGRAMS: Record<string, string> = {
  ...Object.fromEntries(
    ['java', 'node', 'python3', 'worker', 'docker-compose', '../bin/server'].map((name) => [name, SERVER])
  ),
  ...Object.fromEntries(
    ['docker', 'pm2', 'systemctl', 'service', 'nginx', 'ss', 'pgrep', 'sleep'].map((name) => [
      name,
      '#!/bin/sh\n'
    ])
  ),
  curl: '#!/bin/sh\necho \'{"status":"UP"}\'\n',
  sudo: '#!/bin/sh\nwhile true; do case "$1" in -u) shift 2 ;; -*) shift ;; *) break ;; esac; done\nexec "$@"\n'
}

/** A folder with the script, its application, and programs that do nothing else than stay. */
const place = (text: string): { folder: string; started: string; env: Record<string, string> } => {
  const folder = mkdtempSync(join(home, 'start-'))
  for (const name of ['app', 'bin', 'path']) mkdirSync(join(folder, name))
  for (const [name, program] of Object.entries(PROGRAMS))
    writeFileSync(join(folder, 'path', name), program, { mode: 0o755 })
  for (const name of ['app.jar', 'app/app.jar']) writeFileSync(join(folder, name), '')
  writeFileSync(join(folder, 'start.sh'), text, { mode: 0o755 })
  const PATH = `${join(folder, 'path')}:${process.env['PATH'] ?? ''}`
  const started = join(folder, 'started')
  return { folder, started, env: { PATH, JAR: 'app.jar', STARTED: started } }
}

const orElse = <T>(look: () => T, other: T): T => {
  try {
    return look()
  } catch {
    return other
  }
}

/** What the open files of all processes are; a process may end while this looks at it. */
const openAnywhere = (): Set<string> =>
  new Set(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => orElse(() => readdirSync(`/proc/${pid}/fd`), []).map((fd) => `/proc/${pid}/fd/${fd}`))
      .map((path) => orElse(() => readlinkSync(path), ''))
  )

test.each(
  STARTS.filter(({ isOnlyRead }) => isOnlyRead !== true).map((start) => [start.name, start] as const)
)('%s', async (_, { text, holds }) => {
  const { folder, started, env } = place(text)
  const child = spawn(
    'sh',
    ['-c', 'echo "$(readlink /proc/$$/fd/1) $(readlink /proc/$$/fd/2)" > outputs; exec ./start.sh'],
    { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true }
  )
  const closed = once(child, 'close')
  child.stdout.resume()
  child.stderr.resume()
  try {
    if (holds === undefined) await closed
    else {
      await once(child, 'exit')
      while (pidsIn(started).length === 0) await pause(5)
      const open = openAnywhere()
      const outputs = readFileSync(join(folder, 'outputs'), 'utf8').trim().split(' ')
      const left = ['stdout', 'stderr'].filter((__, index) => open.has(outputs[index] ?? ''))
      expect(left.join(' and ')).toBe(holds[1])
    }
  } finally {
    end(child.pid, started)
    await closed
  }
})

/** The script's group, and what left it. */
const end = (group: number | undefined, started: string): void => {
  for (const pid of [...(group === undefined ? [] : [-group]), ...pidsIn(started)])
    orElse(() => process.kill(pid, 'SIGKILL'), false)
}

/** Each server writes its own when it starts; a line that is not yet complete does not count. */
const pidsIn = (started: string): number[] =>
  [...orElse(() => readFileSync(started, 'utf8'), '').matchAll(/^(\d+)\n/gm)].map(([, pid]) => Number(pid))
