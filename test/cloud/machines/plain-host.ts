import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { mkdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { inFolder, scriptBeside, startKeeper } from './host.js'
import type { Host } from './host.js'
import { locate } from './root.js'

/**
 * A machine without kernel namespaces: its programs see the host's `/` and find the machine's folder in INSTANCE_ROOT. They are
 * found again by a mark in their environment or by their process group.
 *
 * @param mark value of CLOUD_MACHINE in the environment of everything that runs here
 */
export const openPlainHost = async (folder: string, mark: string): Promise<Host> => {
  await mkdir(path.join(folder, 'root'), { recursive: true })
  const base = await realpath(path.join(folder, 'root'))
  for (const name of ['etc', 'opt', 'root', 'srv', 'tmp', 'var/log', 'var/tmp']) {
    await mkdir(path.join(base, name), { recursive: true })
  }
  const groups = path.join(folder, 'groups')
  writeFileSync(groups, '')
  const keeper = await startKeeper(['/bin/sh', scriptBeside('plain.sh'), mark, groups])
  return {
    base,
    instanceRoot: base,
    spawn: (program, { cwd, env }) => {
      const [sh = '', ...argv] = inFolder(locate(base, cwd), locate(base, program))
      const child = spawn(sh, argv, {
        env: { ...env, HOME: path.join(base, 'root'), TMPDIR: path.join(base, 'tmp'), CLOUD_MACHINE: mark },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe']
      })
      if (child.pid !== undefined) appendFileSync(groups, `${child.pid}\n`)
      return child
    },
    hasProgram: (program) => existsSync(program),
    stop: keeper.stop
  }
}
