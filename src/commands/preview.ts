import { counted } from '../domain/counted.js'
import { countOf } from '../domain/bundle.js'
import type { PreviewInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { findingsJson, findingsSummary } from '../report/findings.js'
import { bytesText } from '../report/units.js'
import { openSource, tellFindings } from './source.js'

/** Checks AppSpec and bundle as the agent would, without AWS: 0 if the agent would accept them, 1 if it would refuse. */
export const runPreview = async (inputs: PreviewInputs, world: World): Promise<number> => {
  const source = await openSource(inputs, world)
  try {
    const { runner, paint } = world
    const findings = await tellFindings(source, world)
    const errors = countOf(findings, 'error')
    const warnings = countOf(findings, 'warning')
    const size = `${counted(source.files, 'file')}, ${bytesText(source.bytes)}`
    const verdict =
      errors === 0
        ? paint('✓ The agent would accept this bundle', 'green')
        : paint('✗ The agent would refuse this bundle', 'red')
    runner.info(`${verdict}: ${size}, ${errors} mistakes, ${warnings} warnings.`)
    runner.output('findings', findingsJson(findings))
    await runner.summary(findingsSummary(findings, { files: source.files, bytes: source.bytes }))
    return errors === 0 ? 0 : 1
  } finally {
    await source.close()
  }
}
