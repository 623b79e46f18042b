import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { inFolder, scriptBeside, startKeeper } from './host.js'
import type { Host } from './host.js'
import { locate } from './root.js'

/**
 * A machine whose programs see its folder as `/`, in their own user, mount and process namespaces. If the keeper ends, the
 * kernel kills every process of the machine; and the keeper ends with this process, even if that is killed.
 */
export const openViewHost = async (folder: string): Promise<Host> => {
  const [root, work] = [path.join(folder, 'root'), path.join(folder, 'work')]
  await mkdir(root, { recursive: true })
  await mkdir(work, { recursive: true })
  const namespaces = ['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child']
  const node = path.dirname(process.execPath)
  const keeper = await startKeeper([...namespaces, '/bin/sh', scriptBeside('view.sh'), root, work, node])
  const enter = ['--target', keeper.word, '--user', '--mount', '--pid', '--preserve-credentials']
  // In this way the agent sees the same mounts as the hooks.
  const base = `/proc/${keeper.word}/root`
  return {
    base,
    instanceRoot: '',
    spawn: (program, { cwd, env }) =>
      spawn('nsenter', [...enter, '--', ...inFolder(cwd, program)], {
        env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe']
      }),
    hasProgram: (program) => existsSync(locate(base, program)),
    stop: async () => {
      await keeper.stop()
      // An overlay leaves a folder here that even its owner may not read.
      await chmod(path.join(work, 'work'), 0o700).catch(() => undefined)
    }
  }
}

let answer: Promise<string | undefined> | undefined

/** Why machines cannot have their own view here; undefined if they can. Tried once per process, by creating one. */
export const viewRefusal = (): Promise<string | undefined> => (answer ??= tryView())

const tryView = async (): Promise<string | undefined> => {
  if (process.env['CLOUD_VIEW'] === 'off') return 'CLOUD_VIEW=off'
  if (process.platform !== 'linux') return `no namespaces on ${process.platform}`
  const folder = await mkdtemp(path.join(os.tmpdir(), 'view-'))
  try {
    const host = await openViewHost(folder)
    const ended = await once(host.spawn('/bin/true', { cwd: '/tmp', env: {} }), 'exit').finally(() =>
      host.stop()
    )
    return ended[0] === 0 && existsSync(path.join(folder, 'root', 'tmp'))
      ? undefined
      : 'namespaces cannot be entered'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
