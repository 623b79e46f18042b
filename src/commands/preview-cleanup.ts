import { type Over, whyOver } from '../domain/preview/lifetime.js'
import { explained } from '../domain/refusal.js'
import { UserError } from '../errors.js'
import type { GitHub } from '../github-port.js'
import type { PreviewCleanupInputs, PreviewsCleanupInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { jsonWithin } from '../report/json.js'
import {
  type CleanedPreview,
  cleanedPreviewJson,
  previewCleanupSentence,
  previewCleanupSummary,
  previewLines
} from '../report/preview-environment.js'
import { zoneOf } from '../report/times.js'
import { findEnvironments, type FoundEnvironment } from '../steps/preview-takedown.js'
import { identifyRun } from './connect.js'
import { endEnvironment, type Entered, surroundingsOf } from './preview-environment.js'
import { endLeftPreviews, endShownPreview } from './preview-end.js'

/**
 * Takes down the environments of previews that are over: the pull request is closed, its label is gone, or nobody pushed for long. With `dry-run`, only lists
 * them. Then ends what GitHub still shows of previews of closed pull requests: it starts no run when one with a conflict is closed (docs/service.md, GitHub).
 * Returns 1 when an environment that was to be taken down is left.
 */
export const runPreviewCleanup = async (inputs: PreviewCleanupInputs, world: World): Promise<number> => {
  const github = await world.github()
  if (github === undefined)
    throw new UserError(
      'This step has no `github-token`, so it cannot see which pull requests are closed.',
      'Leave the input `github-token` out: its default is the token of the job.'
    )
  const { environments, dryRun } = inputs
  if (environments === undefined)
    world.runner.info('Without `preview-listener-arn`, only what GitHub shows of previews is looked at.')
  const code =
    environments === undefined ? 0 : await cleanEnvironments(environments, { dryRun, github, world })
  await endLeftPreviews(github, { dryRun, world })
  return code
}

interface Cleaning {
  dryRun: boolean
  github: GitHub
  world: World
}

const cleanEnvironments = async (inputs: PreviewsCleanupInputs, cleaning: Cleaning): Promise<number> => {
  const { github, world } = cleaning
  const { region } = inputs.identity
  const { entered, found } = await identifyRun(
    { ...inputs.identity, zone: zoneOf(inputs.timeZone) },
    world,
    async (identity) => ({
      entered: { identity, region, world },
      found: await findEnvironments(
        surroundingsOf(inputs, region),
        await world.previews(region, identity, world.canceled)
      )
    })
  )
  const cleaned: CleanedPreview[] = []
  for (const one of found) {
    const over = await overNow(one, inputs, { github, world })
    if (over === undefined) cleaned.push({ ...one, over, result: 'in use' })
    else if (cleaning.dryRun) cleaned.push({ ...one, over, result: 'found' })
    else cleaned.push(await cleanOne({ ...one, over }, inputs, { entered, github }))
  }
  return end(cleaned, cleaning)
}

const overNow = async (
  { number, pushedAt }: FoundEnvironment,
  { ttlHours, label }: PreviewsCleanupInputs,
  { github, world }: Pick<Cleaning, 'github' | 'world'>
): Promise<Over | undefined> =>
  whyOver(await github.pull(number), { pushedAt, now: world.clock.now(), lifetime: { ttlHours, label } })

/** What is over is looked at once more: others were taken down meanwhile, which takes minutes. One that fails says nothing about the next one. */
const cleanOne = async (
  one: FoundEnvironment & { over: Over },
  inputs: PreviewsCleanupInputs,
  { entered, github }: { entered: Entered; github: GitHub }
): Promise<CleanedPreview> => {
  const { world } = entered
  const { runner, canceled } = world
  const over = await overNow(one, inputs, { github, world })
  if (over === undefined) return { ...one, result: 'kept' }
  runner.group(`Preview of #${one.number}`)
  try {
    await endEnvironment(one.number, inputs, { ...entered, stops: true })
    await endShownPreview({ number: one.number, head: '' }, { over, github, world, own: true })
    return { ...one, over, result: 'deleted' }
  } catch (error) {
    canceled.throwIfAborted()
    const told = explained(error)
    if (!(told instanceof UserError)) throw error
    runner.info(`The preview of #${one.number} was not taken down. ${told.message}`)
    return { ...one, over, result: 'failed', why: `${told.message} ${told.hint}` }
  } finally {
    runner.endGroup()
  }
}

const end = async (cleaned: readonly CleanedPreview[], { dryRun, world }: Cleaning): Promise<number> => {
  const { runner, clock } = world
  const now = clock.now()
  const sentence = previewCleanupSentence(cleaned, dryRun)
  for (const line of cleaned.length === 0 ? [] : previewLines(cleaned, now)) runner.info(line)
  runner.info(sentence)
  runner.output('cleanup', jsonWithin(cleaned.map(cleanedPreviewJson)).text)
  await runner.summary(previewCleanupSummary(cleaned, { sentence, now }))
  const failed = cleaned.filter(({ result }) => result === 'failed')
  for (const { number, why = '' } of failed)
    runner.fail(`The preview of #${number} was not taken down. ${why}`)
  return failed.length === 0 ? 0 : 1
}
