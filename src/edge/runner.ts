import * as core from '@actions/core'
import { existsSync } from 'node:fs'

/**
 * The runner's page, and the only way out of the action: whatever a caller hands over is made harmless here, so that nobody
 * can forget it. Masks and outputs pass as they are, since the runner takes them for values; a summary is Markdown, which its
 * authors escape (report/escape.ts).
 */
export interface Runner {
  read: (name: string) => string
  /** One line: a line break in it is shown as `↵`. */
  info: (line: string) => void
  group: (title: string) => void
  endGroup: () => void
  /** An annotation on the run's page and, with a file, on that file. It may have several lines. */
  annotate: (level: 'error' | 'warning' | 'notice', message: string, place?: Place) => void
  debug: (line: string) => void
  mask: (secret: string) => void
  output: (name: string, value: string) => void
  summary: (markdown: string) => Promise<void>
  fail: (message: string) => void
}

export interface Place {
  file?: string
  line?: number
  column?: number
  title?: string
}

/** Makes texts of others harmless: one line, or several joined by line breaks. */
export interface Harmless {
  line: (text: string) => string
  lines: (text: string) => string
}

const properties = ({ file, line, column, title }: Place, harmless: Harmless): core.AnnotationProperties => ({
  ...(file === undefined ? {} : { file: harmless.line(file) }),
  ...(line === undefined ? {} : { startLine: line }),
  ...(column === undefined ? {} : { startColumn: column }),
  ...(title === undefined ? {} : { title: harmless.line(title) })
})

const LEVELS = { error: core.error, warning: core.warning, notice: core.notice } as const

/** The runner that started this process; away from one, summary and outputs have nowhere to go and are left out. */
export const runner = (env: NodeJS.ProcessEnv, harmless: Harmless): Runner => ({
  read: (name) => core.getInput(name, { trimWhitespace: false }),
  info: (line) => core.info(harmless.line(line)),
  group: (title) => core.startGroup(harmless.line(title)),
  endGroup: core.endGroup,
  annotate: (level, message, place = {}) =>
    LEVELS[level](harmless.lines(message), properties(place, harmless)),
  debug: (text) => core.debug(harmless.lines(text)),
  mask: core.setSecret,
  output: (name, value) => {
    if ((env['GITHUB_OUTPUT'] ?? '') !== '') core.setOutput(name, value)
  },
  summary: async (markdown) => {
    const file = env['GITHUB_STEP_SUMMARY']
    if (file === undefined || file === '' || !existsSync(file)) return
    await core.summary.addRaw(markdown, true).write()
  },
  fail: (message) => core.setFailed(harmless.lines(message))
})
