import { appendFileSync, lstatSync } from 'node:fs'
import {
  chmod,
  copyFile,
  mkdir,
  readFile,
  readlink,
  rm,
  rmdir,
  stat,
  symlink,
  utimes,
  writeFile
} from 'node:fs/promises'
import path from 'node:path'
import type { AgentCommand } from '../contract.js'
import { parseAppSpec } from './appspec.js'
import { fault } from './appspec-fault.js'
import type { Host } from './host.js'
import { planInstall } from './instructions.js'
import type { Instruction } from './instructions.js'
import {
  archiveOf,
  cleanupFile,
  deploymentFolder,
  installFile,
  instructions,
  lastSuccessful
} from './layout.js'
import { locate } from './root.js'

/**
 * The event Install: removes what the group's previous revision installed, copies the files of this one, sets modes, and notes
 * the deployment as the last successful one, whatever happens to it later (docs/service.md, reference 2.2). Owners and ACLs go
 * to `note`, because all of the machine's programs run as one user.
 */
export const install = async (
  command: AgentCommand,
  host: Host,
  note: (text: string) => void
): Promise<void> => {
  const { deploymentGroupId: group } = command
  const archive = archiveOf(deploymentFolder(command))
  const spec = parseAppSpec(await readAppSpec(archive, host))
  await mkdir(locate(host.base, instructions), { recursive: true })
  await removeFormer(group, host)
  const plan = planInstall(spec, host.base, archive, command.fileExistsBehavior)
  await writeFile(locate(host.base, installFile(group)), JSON.stringify({ instructions: plan }))
  const cleanup = locate(host.base, cleanupFile(group))
  await writeFile(cleanup, '')
  for (const instruction of plan) {
    await carryOut(instruction, host.base, note, (made) => appendFileSync(cleanup, `${made}\n`)).catch(
      inRubyWords
    )
  }
  await writeFile(locate(host.base, lastSuccessful(group)), deploymentFolder(command))
}

/** Only Install also looks for `appspec.yaml` (docs/service.md, reference 6.1). */
const readAppSpec = async (archive: string, host: Host): Promise<string> => {
  const yaml = locate(host.base, path.join(archive, 'appspec.yaml'))
  const yml = locate(host.base, path.join(archive, 'appspec.yml'))
  return readFile(yml, 'utf8').catch(() => readFile(yaml, 'utf8'))
}

/** From the last line to the first; a folder with other files stays. */
const removeFormer = async (group: string, host: Host): Promise<void> => {
  const list = locate(host.base, cleanupFile(group))
  const lines = (await readFile(list, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
  for (const line of lines.reverse()) {
    const file = locate(host.base, line, 'keep')
    const stats = lstatSync(file, { throwIfNoEntry: false })
    if (stats?.isDirectory() === true) await rmdir(file).catch(() => undefined)
    else await rm(file, { force: true })
  }
  await rm(list, { force: true })
}

const carryOut = async (
  instruction: Instruction,
  base: string,
  note: (text: string) => void,
  made: (file: string) => void
): Promise<void> => {
  switch (instruction.type) {
    case 'mkdir': {
      const folder = locate(base, instruction.directory)
      if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined)
        throw fault.exists(instruction.directory)
      await mkdir(folder)
      made(instruction.directory)
      return
    }
    case 'copy':
      made(instruction.destination)
      await copy(base, instruction.source, instruction.destination)
      return
    case 'chmod':
      await chmod(locate(base, instruction.file), parseInt(instruction.mode, 8))
      return
    case 'note':
      note(instruction.text)
  }
}

const copy = async (base: string, source: string, destination: string): Promise<void> => {
  const itself = locate(base, source, 'keep')
  if (lstatSync(itself, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    const place = locate(base, destination, 'keep')
    await rm(place, { force: true })
    await symlink(await readlink(itself), place)
    return
  }
  const stats = await stat(itself).catch(() => undefined)
  if (stats === undefined) throw new Error(`No such file or directory @ rb_sysopen - ${source}`)
  const place = locate(base, destination)
  await copyFile(itself, place)
  await chmod(place, stats.mode)
  await utimes(place, stats.atime, stats.mtime)
}

const WORDS: Record<string, string> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ENOSPC: 'No space left on device',
  ETXTBSY: 'Text file busy'
}

const inRubyWords = (error: unknown): never => {
  const { code = '', path: file = '' } = error as { code?: string; path?: string }
  const words = WORDS[code]
  throw words === undefined ? error : new Error(`${words} @ rb_sysopen - ${file}`, { cause: error })
}
