import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { ChildProcess } from 'node:child_process'
import type { ShellResult } from '../contract.js'
import type { Host } from './host.js'
import { locate } from './root.js'

/** Paths of a script's own machine; without a view of its own, they are below the machine's folder. */
const PLACES = /(?<![\w/])\/(?=opt\/|var\/log\/)/g

/**
 * Runs a shell script on a machine and returns all that it wrote. Without a view of its own (`instanceRoot`), the machine's paths
 * in the script are replaced, since a fixed document cannot know where they are.
 */
export const runShell = async (
  script: string,
  host: Host,
  env: Record<string, string>,
  signal: AbortSignal
): Promise<ShellResult> => {
  const program = `/tmp/ssm-${randomUUID()}.sh`
  const text = host.instanceRoot === '' ? script : script.replace(PLACES, `${host.instanceRoot}/`)
  await writeFile(locate(host.base, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  signal.throwIfAborted()
  const child = host.spawn(program, { cwd: '/tmp', env })
  const kill = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  signal.addEventListener('abort', kill)
  try {
    const [stdout, stderr, code] = await Promise.all([
      all(child.stdout),
      all(child.stderr),
      once(child, 'exit').then(([code]) => code as number | null)
    ])
    signal.throwIfAborted()
    return { code: code ?? -1, stdout, stderr }
  } finally {
    signal.removeEventListener('abort', kill)
  }
}

const all = async (stream: ChildProcess['stdout']): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
