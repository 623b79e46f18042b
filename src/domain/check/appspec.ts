import { countOf, type Finding } from '../bundle.js'
import { counted } from '../counted.js'
import type { ManifestHook } from '../manifest.js'
import { type CheckFinding, ok, problem, warning } from './finding.js'
import type { HookTimes } from './pace.js'

const AREA = 'AppSpec'

/** What the agent would object to in a bundle, as one line; `preview` lists all of it. */
export const appSpecFindings = (source: string, findings: readonly Finding[]): CheckFinding[] => {
  const errors = countOf(findings, 'error')
  const warnings = countOf(findings, 'warning')
  if (errors + warnings === 0) return [ok(AREA, `the agent would accept ${source}`)]
  const first = findings.find(({ severity }) => severity === (errors > 0 ? 'error' : 'warning'))
  const where = first && `${first.file}${first.line === undefined ? '' : `:${first.line}`}: ${first.message}`
  const remedy = 'Run `command: preview`, which lists each with its file and line.'
  return [
    errors > 0
      ? problem(
          AREA,
          `${counted(errors, 'mistake')} in ${source}; first, ${where ?? ''}`,
          'The agent refuses it.',
          remedy
        )
      : warning(
          AREA,
          `${counted(warnings, 'warning')} in ${source}; first, ${where ?? ''}`,
          'The agent accepts it, but may do something else than you expect.',
          remedy
        )
  ]
}

/** How long the scripts of an AppSpec may run. */
export const hookTimes = (hooks: readonly ManifestHook[]): HookTimes => ({
  seconds: hooks.reduce((sum, { timeout = 0 }) => sum + timeout, 0),
  untimed: hooks.filter(({ timeout }) => timeout === undefined).length
})
