import { judge } from '../../src/appspec/judge.js'
import type { BundleEntry, BundleView, Finding } from '../../src/domain/bundle.js'

/** A path's content; `{ link }` makes a symlink, `{ mode }` sets permissions, null makes an empty folder. */
export type Content = string | Buffer | null | { link: string } | { text: string; mode: number }

/** A bundle held in memory. */
export const bundleOf = (files: Record<string, Content>): BundleView => ({
  entries: Object.entries(files).map(([path, content]) => entryOf(path, content)),
  read: (path, limit) => Promise.resolve(bytesOf(files[path] ?? '').subarray(0, limit))
})

const entryOf = (path: string, content: Content): BundleEntry => {
  if (content === null) return { path, kind: 'directory', mode: 0o755, size: 0 }
  if (typeof content === 'object' && 'link' in content)
    return { path, kind: 'symlink', mode: 0o777, size: 0, target: content.link }
  const mode = Buffer.isBuffer(content) || typeof content === 'string' ? 0o755 : content.mode
  return { path, kind: 'file', mode, size: bytesOf(content).length }
}

const bytesOf = (content: Content): Buffer => {
  if (Buffer.isBuffer(content)) return content
  if (typeof content === 'string') return Buffer.from(content)
  return Buffer.from(content !== null && 'text' in content ? content.text : '')
}

export const BASE = 'version: 0.0\nos: linux\n'
export const SCRIPT = '#!/bin/bash\nexit 0\n'

/** Judges an AppSpec together with the other files of its bundle. */
export const judgeSpec = (spec: string | Buffer, others: Record<string, Content> = {}): Promise<Finding[]> =>
  judge(bundleOf({ ...others, 'appspec.yml': spec }))

export const verdictOf = (findings: readonly Finding[]): 'take' | 'refuse' =>
  findings.some(({ severity }) => severity === 'error') ? 'refuse' : 'take'

/** The findings as `severity line: message`, as a reader sees them. */
export const tell = (findings: readonly Finding[]): string =>
  findings.map(({ severity, line, message }) => `${severity} ${line ?? '-'}: ${message}`).join('\n')
