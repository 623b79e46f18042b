import type { AnnotationPlace, Runner } from '../ports.js'
import * as core from '@actions/core'
import { existsSync } from 'node:fs'

/** Makes foreign text harmless: as one line, or as several lines. */
export interface Harmless {
  line: (text: string) => string
  lines: (text: string) => string
}

const properties = (
  { file, line, column, title }: AnnotationPlace,
  harmless: Harmless
): core.AnnotationProperties => ({
  ...(file === undefined ? {} : { file: harmless.line(file) }),
  ...(line === undefined ? {} : { startLine: line }),
  ...(column === undefined ? {} : { startColumn: column }),
  ...(title === undefined ? {} : { title: harmless.line(title) })
})

const LEVELS = { error: core.error, warning: core.warning, notice: core.notice } as const

/** What is missing when a file of the runner cannot be written. */
const LOSSES = {
  GITHUB_OUTPUT: 'Later steps will find outputs of this step empty.',
  GITHUB_STEP_SUMMARY: "The run's page will have no summary from this step."
} as const

type RunnerFile = keyof typeof LOSSES

/**
 * Writes to a file of the runner. A full or read-only disk does not fail the deployment: it causes one warning for each file.
 */
const writing = (env: NodeJS.ProcessEnv, harmless: Harmless) => {
  const warned = new Set<RunnerFile>()
  return async (file: RunnerFile, write: () => unknown): Promise<void> => {
    try {
      await write()
    } catch (error) {
      if (warned.has(file)) return
      warned.add(file)
      const reason = error instanceof Error ? error.message : String(error)
      core.warning(
        harmless.lines(
          `The runner's file ${env[file] ?? ''} (${file}) could not be written: ${reason}. ${LOSSES[file]} Free space on the runner's disk, and check that the file is writable.`
        )
      )
    }
  }
}

/** The runner that started this process. Outside of one, there is no file for the summary and outputs, so they are dropped. */
export const runner = (env: NodeJS.ProcessEnv, harmless: Harmless): Runner => {
  const write = writing(env, harmless)
  const said = new Set<string>()
  const secrets = new Set<string>()
  return {
    read: (name) => core.getInput(name, { trimWhitespace: false }),
    info: (line) => core.info(harmless.line(line)),
    once: (line) => {
      if (said.has(line)) return
      said.add(line)
      core.info(harmless.line(line))
    },
    group: (title) => core.startGroup(harmless.line(title)),
    endGroup: core.endGroup,
    annotate: (level, message, place = {}) =>
      LEVELS[level](harmless.lines(message), properties(place, harmless)),
    debug: (text) => {
      if (env['RUNNER_DEBUG'] === '1') core.debug(harmless.lines(text))
    },
    mask: (secret) => {
      secrets.add(secret)
      core.setSecret(secret)
    },
    hide: (text) =>
      [...secrets, core.getInput('github-token'), env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '']
        .filter((secret) => secret !== '')
        .reduce((shown, secret) => shown.replaceAll(secret, '***'), text),
    output: (name, value) => {
      if ((env['GITHUB_OUTPUT'] ?? '') !== '') void write('GITHUB_OUTPUT', () => core.setOutput(name, value))
    },
    summary: async (markdown) => {
      const file = env['GITHUB_STEP_SUMMARY']
      if (file === undefined || file === '' || !existsSync(file)) return
      await write('GITHUB_STEP_SUMMARY', () => core.summary.addRaw(markdown, true).write())
    },
    fail: (message) => core.setFailed(harmless.lines(message))
  }
}
