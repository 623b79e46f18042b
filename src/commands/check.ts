import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { appSpecFindings, hookTimes } from '../domain/check/appspec.js'
import type { CheckedIdentity } from '../domain/check/facts.js'
import type { CheckFinding } from '../domain/check/finding.js'
import type { HookTimes } from '../domain/check/pace.js'
import type { SetupFile } from '../domain/check/planned.js'
import type { Identity } from '../domain/identity.js'
import { UserError } from '../errors.js'
import type { CheckInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { checkLines, checkSummary, checkVerdict } from '../report/check.js'
import { jsonWithin } from '../report/json.js'
import { zoneOf } from '../report/times.js'
import { checkEverything } from '../steps/check.js'
import { type Caller, identifyRun } from './connect.js'
import { readWish } from './setup.js'
import { openSource } from './source.js'

/** Reads all that a deployment depends on, changes nothing, and fails when something would stop a deployment. */
export const runCheck = async (inputs: CheckInputs, world: World): Promise<number> => {
  const { application, group, expectedBucketOwner, identity: asWhom } = inputs
  const { region } = asWhom
  const { canceled, clock, context } = world
  const ofSource = await checkSource(inputs.source, world)
  const findings = await identifyRun(
    { ...asWhom, zone: zoneOf(inputs.timeZone) },
    world,
    async (identity, caller) => {
      const [reads, alarms, whom] = await Promise.all([
        world.checkReads({ region, expectedBucketOwner }, identity, canceled),
        world.alarmStates(region, identity, canceled),
        checkedIdentity(asWhom, identity, { caller, world })
      ])
      const place = {
        ...inputs,
        ...{ region, hosted: context.hosted, identity: whom, hooks: ofSource.hooks },
        setup: setupFileOf(inputs.setupFile, world)
      }
      return checkEverything(place, { reads, alarms, now: new Date(clock.now()) }, canceled)
    }
  )
  return report([...findings, ...ofSource.findings], `${application}/${group}`, world)
}

const checkedIdentity = async (
  { region, roleToAssume: role }: CheckInputs['identity'],
  identity: Identity,
  { caller, world }: { caller: Caller; world: World }
): Promise<CheckedIdentity> => {
  const [{ sessionToken, expiration }, account] = await Promise.all([identity.credentials(), caller.account])
  return {
    ...{ account, region, role, claims: caller.claims },
    mayRequestToken: world.requestToken !== undefined,
    lasting: sessionToken === undefined,
    endsAt: expiration
  }
}

/** A check needs no checkout, so a file that is not there is no mistake. */
const setupFileOf = (file: string, world: World): SetupFile | undefined => {
  if (!existsSync(resolve(world.context.workspace, file))) return undefined
  try {
    return { file, wish: readWish({ file }, world) }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { file, mistake: error.message.replace(/\n +- /g, ' ') }
  }
}

interface CheckedSource {
  findings: CheckFinding[]
  /** Undefined without an AppSpec. */
  hooks?: HookTimes
}

/** Judges the AppSpec of a folder that has one; a folder without one is no mistake either. */
const checkSource = async (source: string, world: World): Promise<CheckedSource> => {
  if (!existsSync(join(resolve(world.context.workspace, source), 'appspec.yml'))) return { findings: [] }
  const opened = await openSource({ source, exclude: [] }, world)
  try {
    const { findings, hooks } = await opened.inspect()
    return { findings: appSpecFindings(source, findings), hooks: hookTimes(hooks) }
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
