import * as core from '@actions/core'
import { existsSync } from 'node:fs'

/** The runner's page: everything that is written goes through here. Texts must be safe for a log already. */
export interface Runner {
  read: (name: string) => string
  info: (line: string) => void
  group: (title: string) => void
  endGroup: () => void
  /** An annotation on the run's page and, with a file, on that file. */
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

const properties = ({ file, line, column, title }: Place): core.AnnotationProperties => ({
  ...(file === undefined ? {} : { file }),
  ...(line === undefined ? {} : { startLine: line }),
  ...(column === undefined ? {} : { startColumn: column }),
  ...(title === undefined ? {} : { title })
})

const LEVELS = { error: core.error, warning: core.warning, notice: core.notice } as const

/** The runner that started this process; away from one, summary and outputs have nowhere to go and are left out. */
export const runner = (env: NodeJS.ProcessEnv): Runner => ({
  read: (name) => core.getInput(name, { trimWhitespace: false }),
  info: core.info,
  group: core.startGroup,
  endGroup: core.endGroup,
  annotate: (level, message, place = {}) => LEVELS[level](message, properties(place)),
  debug: core.debug,
  mask: core.setSecret,
  output: (name, value) => {
    if ((env['GITHUB_OUTPUT'] ?? '') !== '') core.setOutput(name, value)
  },
  summary: async (markdown) => {
    const file = env['GITHUB_STEP_SUMMARY']
    if (file === undefined || file === '' || !existsSync(file)) return
    await core.summary.addRaw(markdown, true).write()
  },
  fail: core.setFailed
})
