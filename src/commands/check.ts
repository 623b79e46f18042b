import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { appSpecFindings } from '../domain/check/appspec.js'
import type { CheckFinding } from '../domain/check/finding.js'
import type { CheckInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { checkLines, checkSummary, checkVerdict } from '../report/check.js'
import { jsonWithin } from '../report/json.js'
import { zoneOf } from '../report/times.js'
import { checkEverything } from '../steps/check.js'
import { identifyRun } from './connect.js'
import { openSource } from './source.js'

/** Reads all that a deployment depends on, changes nothing, and fails when something would stop a deployment. */
export const runCheck = async (inputs: CheckInputs, world: World): Promise<number> => {
  const { application, group, bucket, prefix, expectedBucketOwner, identity: asWhom } = inputs
  const { region } = asWhom
  const { canceled } = world
  const findings = await identifyRun(
    { ...asWhom, zone: zoneOf(inputs.timeZone) },
    world,
    async (identity) => {
      const [reads, alarms] = await Promise.all([
        world.checkReads({ region, expectedBucketOwner }, identity, canceled),
        world.alarmStates(region, identity, canceled)
      ])
      const place = { application, group, bucket, prefix, region, hosted: world.context.hosted }
      return checkEverything(place, { reads, alarms }, canceled)
    }
  )
  return report([...findings, ...(await checkSource(inputs.source, world))], `${application}/${group}`, world)
}

/** Judges the AppSpec of a folder that has one. A check needs no checkout, so a folder without one is no mistake. */
const checkSource = async (source: string, world: World): Promise<CheckFinding[]> => {
  if (!existsSync(join(resolve(world.context.workspace, source), 'appspec.yml'))) return []
  const opened = await openSource({ source, exclude: [] }, world)
  try {
    const { findings } = await opened.inspect()
    return appSpecFindings(source, findings)
  } finally {
    await opened.close()
  }
}

const report = async (
  findings: readonly CheckFinding[],
  name: string,
  { runner, paint }: World
): Promise<number> => {
  const problems = findings.filter(({ verdict }) => verdict === 'problem')
  runner.group(`Check of ${name}`)
  for (const finding of findings) for (const line of checkLines(finding, paint)) runner.info(line)
  runner.endGroup()
  runner.output('check', jsonWithin(findings).text)
  await runner.summary(checkSummary(findings, name))
  if (problems.length === 0) {
    runner.info(checkVerdict(findings))
    return 0
  }
  runner.fail(
    [
      checkVerdict(findings),
      ...problems.map(({ area, found, remedy = '' }) => `${area}: ${found}. ${remedy}`)
    ].join('\n')
  )
  return 1
}
