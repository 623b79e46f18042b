import { expect } from '@jest/globals'
import { spawn, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs the commands of a page as a person would who pastes them, block by block, with the stock `aws` client. */

const ROOT = join(import.meta.dirname, '../..')

/** Whether this machine has the stock client. */
export const hasClient = spawnSync('aws', ['--version']).status === 0

/** The blocks of a page that are commands, without the indentation of a list. */
export const blocksOf = async (page: string): Promise<string[]> => {
  const text = await readFile(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
  )
}

export interface Ran {
  code: number | null
  out: string
  errors: string
}

export interface Shell {
  folder: string
  /** Runs one block; it ends at the first command that fails, also in a pipe. */
  run(block: string): Promise<Ran>
  /** The calls of `gh` so far, one per line, each followed by what it read if it was told to read. */
  gh(): Promise<string>
  close(): Promise<void>
}

/** Writes down what it is asked; GitHub itself is not simulated for it. */
const GH = `#!/bin/sh
{ printf '%s' "gh"; printf ' %s' "$@"; echo; } >>"$GH_LOG"
case "$*" in *'--env-file -'*) cat >>"$GH_LOG" ;; esac
`

/** A folder with these files (by path) and a `gh` that only takes notes. `env` is all that the commands know of AWS. */
export const openShell = async (
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>
): Promise<Shell> => {
  const folder = await mkdtemp(join(tmpdir(), 'pasted-'))
  const log = join(folder, 'gh.log')
  const all: Record<string, string> = { ...files, 'bin/gh': GH, 'gh.log': '' }
  for (const [path, text] of Object.entries(all)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await chmod(join(folder, 'bin/gh'), 0o755)
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
  const variables = {
    ...Object.fromEntries(own),
    // No settings or keys of the person who runs the tests.
    ...{ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
    ...{ AWS_EC2_METADATA_DISABLED: 'true', AWS_PAGER: '', GH_LOG: log },
    ...env,
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`
  }
  const run = (block: string): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const child = spawn('bash', ['-euo', 'pipefail', '-c', block], {
        ...{ cwd: folder, env: variables },
        // Bash takes a socket for a remote shell's, and then reads the settings of the machine.
        stdio: ['ignore', 'pipe', 'pipe']
      })
      let [out, errors] = ['', '']
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
      child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
      child.once('error', reject)
      child.once('close', (code) => resolve({ code, out, errors }))
    })
  return {
    folder,
    run,
    gh: () => readFile(log, 'utf8'),
    close: () => rm(folder, { recursive: true, force: true })
  }
}

/** The command ended well and complained of nothing. */
export const succeeded = ({ code, errors }: Ran): void => {
  expect([code, errors]).toEqual([0, ''])
}
