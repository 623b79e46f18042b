import type { Repository } from '../domain/commit.js'
import type { LifecycleEvent } from '../domain/event.js'
import { fileUrl } from './console-link.js'
import { code, htmlLink, oneLine } from './escape.js'

/** Which scripts of a bundle are files of the repository, at the commit that was bundled. */
export interface ScriptFiles {
  commit: string
  /** By the name that the agent reports: the path relative to the workspace. */
  paths: ReadonlyMap<string, string>
}

/**
 * A script's path in the workspace; undefined for one that is not there (a ready archive, a path that leaves the workspace). `source`
 * is the bundled folder, relative to the workspace.
 */
export const fileOf = (scriptName: string, source: string | undefined): string | undefined => {
  if (source === undefined || scriptName === '') return undefined
  const parts = `${source}/${scriptName}`.split('/').filter((part) => part !== '' && part !== '.')
  return source.startsWith('/') || parts.includes('..') ? undefined : oneLine(parts.join('/'))
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The line number in a shell's error message: `…/x.sh: line 12: …` (bash) or `…/x.sh: 12: …` (dash). The last one counts. */
export const lineOf = (scriptName: string, logTail: string): number | undefined => {
  if (scriptName === '') return undefined
  const named = new RegExp(`${escapeRegExp(scriptName)}: (?:line )?(\\d{1,6}): `, 'g')
  const line = Number([...logTail.matchAll(named)].at(-1)?.[1] ?? 0)
  return line > 0 ? line : undefined
}

/** A script's path on a server, up to the bundle's root: so long that it hides what follows. */
const ARCHIVE =
  /(?:\/[\w.-]{1,100}){0,9}\/deployment-root\/[\w.-]{1,100}\/[\w.-]{1,100}\/deployment-archive\//g

/** Paths in the agent's copy of the bundle as paths in the bundle. */
export const withoutArchive = (text: string): string => text.replace(ARCHIVE, '')

/** ` in scripts/validate.sh line 12`, which leads to that line on GitHub where it is known; empty where the agent named no script. */
export const scriptWord = (
  { diagnostics }: LifecycleEvent,
  { repository, scripts }: { repository?: Repository | undefined; scripts?: ScriptFiles | undefined }
): string => {
  const { scriptName = '', logTail = '' } = diagnostics ?? {}
  if (scriptName === '') return ''
  const line = lineOf(scriptName, logTail)
  const word = `${code(withoutArchive(scriptName))}${line === undefined ? '' : ` line ${line}`}`
  const place = { commit: scripts?.commit, path: scripts?.paths.get(scriptName), line }
  return ` in ${htmlLink(word, fileUrl(repository, place))}`
}
