import { statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import type { Inspection } from '../appspec/judge.js'
import type { FolderCount } from '../bundle/folder.js'
import { countOf, type Finding } from '../domain/bundle.js'
import type { HashedEntry } from '../domain/content-hash.js'
import type { BundleType } from '../domain/revision.js'
import { UserError } from '../errors.js'
import type { World } from '../ports.js'
import { oneLine } from '../report/escape.js'

/** What is deployed or checked: a folder, or a ready-made archive. */
export interface Source {
  kind: 'folder' | 'archive'
  path: string
  bundleType: BundleType
  /** The folder relative to the workspace, for annotations; undefined for an archive, whose files are not in the repository. */
  folder?: string | undefined
  files: number
  bytes: number
  /** Milliseconds that listing the folder, or reading the archive, took. */
  openMs: number
  /** What the agent would object to, and the hooks. */
  inspect(): Promise<Inspection>
  /** The folder as listed, or the archive as read. */
  content: SourceContent
  close(): Promise<void>
}

export type SourceContent =
  | { kind: 'folder'; folder: import('../bundle/folder.js').Folder }
  | { kind: 'archive'; path: string; contentHash: string; size: number; entries: readonly HashedEntry[] }

interface SourceOptions {
  exclude: readonly string[]
  /** Called with what a folder contains while it is still being listed. */
  found?: ((state: FolderCount) => void) | undefined
}

/** Opens a folder or an archive. */
export const openSource = async (
  { source, ...options }: SourceOptions & { source: string },
  world: World
): Promise<Source> => {
  const path = resolve(world.context.workspace, source)
  const startedAt = world.clock.now()
  const opened = statSync(path).isDirectory()
    ? await openFolderSource(path, options, world)
    : await openArchiveSource(path)
  return { ...opened, openMs: world.clock.now() - startedAt }
}

const openFolderSource = async (
  path: string,
  { exclude, found }: SourceOptions,
  world: World
): Promise<Omit<Source, 'openMs'>> => {
  const { openFolder } = await import(/* webpackMode: "eager" */ '../bundle/folder.js')
  const { inspect } = await import(/* webpackMode: "eager" */ '../appspec/judge.js')
  const folder = await openFolder(path, { exclude, found, signal: world.canceled })
  const inWorkspace = relative(world.context.workspace, path)
  return {
    kind: 'folder',
    path,
    bundleType: 'zip',
    files: folder.files,
    bytes: folder.bytes,
    inspect: once(async () => {
      const { findings, hooks } = await inspect(folder.view)
      return { findings: [...findings, ...folder.findings], hooks }
    }),
    content: { kind: 'folder', folder },
    close: () => Promise.resolve(),
    folder: isAbsolute(inWorkspace) || inWorkspace.startsWith('..') ? undefined : inWorkspace || '.'
  }
}

const openArchiveSource = async (path: string): Promise<Omit<Source, 'openMs'>> => {
  const { openArchive } = await import(/* webpackMode: "eager" */ '../archive/open.js')
  const { inspect } = await import(/* webpackMode: "eager" */ '../appspec/judge.js')
  const archive = await openArchive(path)
  const files = archive.view.entries.filter((entry) => entry.kind === 'file')
  return {
    kind: 'archive',
    path,
    bundleType: archive.bundleType,
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    inspect: once(async () => {
      const { findings, hooks } = archive.readable ? await inspect(archive.view) : { findings: [], hooks: [] }
      return { findings: [...archive.findings, ...findings], hooks }
    }),
    content: {
      ...{ kind: 'archive', path, contentHash: archive.contentHash, size: archive.size },
      entries: archive.entries
    },
    close: () => archive.close()
  }
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

/** Findings of each severity that become annotations. GitHub shows ten per step; the log has room for more, but not for all. */
const TOLD = 50

/** Checks a source as the agent would, and annotates the lines of the first findings. */
export const tellFindings = async (source: Source, { runner }: World): Promise<Finding[]> => {
  const { findings } = await source.inspect()
  const told = { error: 0, warning: 0 }
  for (const finding of findings) {
    if (finding.times !== undefined || told[finding.severity] >= TOLD) continue
    told[finding.severity] += 1
    tellFinding(finding, source, runner)
  }
  for (const severity of ['error', 'warning'] as const) {
    const left = countOf(findings, severity) - told[severity]
    const what = severity === 'error' ? 'mistakes' : 'warnings'
    if (left > 0) runner.info(`… and ${left.toLocaleString('en-US')} more ${what}`)
  }
  return findings
}

const tellFinding = (
  { severity, file, line, column, message }: Finding,
  { folder }: Source,
  runner: World['runner']
): void =>
  runner.annotate(severity, `${file}${line === undefined ? '' : `:${line}`}: ${oneLine(message)}`, {
    title: severity === 'error' ? 'The agent would refuse this' : 'Accepted, but check this',
    file: folder && join(folder, file),
    line,
    column
  })

/** Ends the run, before anything is uploaded, when the agent would refuse the bundle. */
export const refuseMistakes = async (source: Source, world: World): Promise<void> => {
  const errors = countOf(await tellFindings(source, world), 'error')
  if (errors === 0) return
  throw new UserError(
    `The agent would refuse this bundle: ${errors} ${errors === 1 ? 'mistake' : 'mistakes'}, each listed above with its file and line.`,
    'Nothing was uploaded or deployed. Fix them and push again; `command: preview` runs the same checks without AWS.'
  )
}
