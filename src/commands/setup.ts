import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { counted } from '../domain/counted.js'
import { differences, impossible } from '../domain/group-differences.js'
import type { Difference, GroupWish, Present } from '../domain/group-wish.js'
import { UserError } from '../errors.js'
import type { SetupInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { jsonWithin } from '../report/json.js'
import { differenceLines, setupSummary } from '../report/setup.js'
import { zoneOf } from '../report/times.js'
import { readSetupFile } from '../setup/file.js'
import { carryOut, readPresent, refuseWhileActive, type SetupActs } from '../steps/setup.js'
import { identifyRun } from './connect.js'

/**
 * Makes a deployment group from a file, or changes it to what the file says. Shows the difference first; `dry-run` ends there. The
 * file is checked before AWS is called.
 */
export const runSetup = async (inputs: SetupInputs, world: World): Promise<number> => {
  const wish = readWish(inputs, world)
  const { region } = inputs.identity
  const acts = await identifyRun(
    { ...inputs.identity, zone: zoneOf(inputs.timeZone) },
    world,
    async (identity): Promise<SetupActs> => {
      const fleets = await world.fleetFacts(region, identity, world.canceled)
      return {
        service: await world.setup(region, identity),
        launches: (name) => fleets.launches(name),
        clock: world.clock,
        signal: world.canceled,
        made: world.runner.info,
        tell: world.runner.info
      }
    }
  )
  const { present, left } = await compare(wish, acts)
  show(left, { wish, inputs, world })
  if (left.length === 0) return end(left, 'same', { wish, inputs, world })
  if (inputs.dryRun) return end(left, 'shown', { wish, inputs, world })
  await make(wish, present, { acts, world })
  return end(left, 'made', { wish, inputs, world })
}

/** More would not be a setup file. */
const MOST_BYTES = 256 * 1024

/** Reads a setup file. Throws a UserError that lists every mistake. */
export const readWish = (
  { file }: Pick<SetupInputs, 'file'>,
  { context }: Pick<World, 'context'>
): GroupWish => {
  const path = resolve(context.workspace, file)
  if (!existsSync(path) || !statSync(path).isFile())
    throw new UserError(
      `There is no setup file ${file} in the workspace.`,
      'Check out the repository before this step, or pass the path of the file as `setup-file`. Nothing was called and nothing was changed.'
    )
  if (statSync(path).size > MOST_BYTES)
    throw new UserError(
      `The setup file ${file} has ${statSync(path).size} bytes; at most ${MOST_BYTES} are read.`,
      'Pass the path of the file that describes the group as `setup-file`. Nothing was called and nothing was changed.'
    )
  const read = readSetupFile(readFileSync(path))
  if ('wish' in read) return read.wish
  const lines = read.mistakes.map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`)
  throw new UserError(
    lines.length === 1
      ? (lines[0] ?? '')
      : [`${lines.length} mistakes in the setup file:`, ...lines.map((line) => `  - ${line}`)].join('\n'),
    'Nothing was called and nothing was changed. Fix the file and run this again.'
  )
}

/** What there is, and what of it is not as the file says. */
const compare = async (
  wish: GroupWish,
  { service }: SetupActs
): Promise<{ present: Present; left: Difference[] }> => {
  const present = await readPresent(wish, service)
  const objection = impossible(wish, present)
  if (objection !== undefined) throw objection
  return { present, left: differences(wish, present) }
}

/** Carries it out, and reads everything again: only what the service then says counts as done. */
const make = async (
  wish: GroupWish,
  present: Present,
  { acts, world: { runner } }: { acts: SetupActs; world: World }
): Promise<void> => {
  const done: string[] = []
  const made = (line: string): void => {
    done.push(line)
    acts.made(line)
  }
  try {
    if (present.group !== undefined) await refuseWhileActive(wish, acts.service)
    await carryOut(wish, present, { ...acts, made })
  } catch (error) {
    if (done.length > 0) runner.info('What was made stays, and the next run continues from there.')
    throw error
  }
  const { left } = await compare(wish, acts)
  if (left.length === 0) return
  throw new UserError(
    `After the changes, ${counted(left.length, 'setting')} still ${left.length === 1 ? 'differs' : 'differ'} from the file: ${left.map(({ what, from, to }) => `${what} is ${from ?? 'missing'} instead of ${to}`).join('; ')}.`,
    'Somebody may have changed the group at the same time. Run this again.'
  )
}

interface Shown {
  wish: GroupWish
  inputs: SetupInputs
  world: World
}

const show = (left: readonly Difference[], { wish, inputs, world }: Shown): void => {
  const { runner, paint } = world
  const group = `${wish.application}/${wish.group}`
  if (left.length === 0) return
  runner.info(`${counted(left.length, 'change')} to make ${group} as ${inputs.file} says:`)
  for (const line of differenceLines(left, paint)) runner.info(line)
}

const NEXT = {
  same: 'Nothing to change.',
  shown: 'Nothing was changed. Run this with `dry-run: false` to make these changes.',
  made: 'Read again after the changes: everything is as the file says.'
} as const

const end = async (
  left: readonly Difference[],
  outcome: keyof typeof NEXT,
  { wish, inputs, world }: Shown
): Promise<number> => {
  const { runner } = world
  const group = `${wish.application}/${wish.group}`
  const next = NEXT[outcome]
  runner.info(outcome === 'same' ? `${group} is as ${inputs.file} says. ${next}` : next)
  runner.output('changes', jsonWithin(left).text)
  await runner.summary(setupSummary(left, { group, file: inputs.file, outcome, next }))
  return 0
}
