import { counted } from '../domain/counted.js'
import type { LeftOver } from '../domain/cleanup.js'
import type { Identity } from '../domain/identity.js'
import { explained } from '../domain/refusal.js'
import { revisionFolder } from '../domain/revision.js'
import { UserError } from '../errors.js'
import type { CleanupInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import {
  type Cleaned,
  cleanedJson,
  cleanupSentence,
  cleanupSummary,
  leftOverLines,
  nameOfLeftOver,
  refusedLines
} from '../report/cleanup.js'
import { jsonWithin } from '../report/json.js'
import { zoneOf } from '../report/times.js'
import { bundleNeeds } from '../steps/bundle-needs.js'
import { type CleanupRequest, type CleanupSources, deleteLeftOver, findLeftOvers } from '../steps/cleanup.js'
import { identifyRun, liveSources } from './connect.js'

/**
 * Lists what deployments left behind and nothing needs: fleets, unfinished uploads and, if asked for, old bundles. With `dry-run: false`,
 * deletes each after looking at it once more. Returns 1 when something that was to be deleted is left.
 */
export const runCleanup = async (inputs: CleanupInputs, world: World): Promise<number> => {
  const { request, sources, found } = await identifyRun(
    { ...inputs.identity, zone: zoneOf(inputs.timeZone) },
    world,
    (identity) => find(identity, inputs, world)
  )
  const cleaned: Cleaned[] = []
  try {
    for (const item of found)
      cleaned.push(
        inputs.dryRun ? { item, result: 'found' } : await cleanUp(item, { request, sources, world })
      )
  } catch (error) {
    const left = found.slice(cleaned.length).map((item): Cleaned => ({ item, result: 'found' }))
    world.runner.output('cleanup', json([...cleaned, ...left], world))
    throw error
  }
  return end(cleaned, inputs, world)
}

/** What a run works with, and what it found. */
interface Finding {
  request: CleanupRequest
  sources: CleanupSources
  found: LeftOver[]
}

const find = async (identity: Identity, inputs: CleanupInputs, world: World): Promise<Finding> => {
  const { application, group, bucket, keepBundles } = inputs
  const { region } = inputs.identity
  const codeDeploy = await world.codeDeploy(region, identity, world.canceled)
  const live = await liveSources(codeDeploy, { region, identity }, world)
  const service = await world.cleanup(region, identity)
  const sources: CleanupSources = {
    ...{ service, codeDeploy, health: live.health },
    store: await world.cleanupStore({ region, bucket, expectedOwner: inputs.expectedBucketOwner }, identity),
    now: () => world.clock.now()
  }
  const request: CleanupRequest = {
    ...{ application, group, bucket, folder: revisionFolder(inputs.prefix, application) },
    needed:
      keepBundles === undefined
        ? undefined
        : bundleNeeds(application, keepBundles, { service, codeDeploy, live })
  }
  const { found, kept } = await findLeftOvers(request, sources)
  for (const { name, why } of kept) world.runner.info(`Kept the Auto Scaling group ${name}: ${why}.`)
  if (found.length > 0) {
    world.runner.info(`${counted(found.length, 'thing')} that nothing needs:`)
    for (const line of leftOverLines(found, world.clock.now())) world.runner.info(`  ${line}`)
  }
  return { request, sources, found }
}

/** One refusal says nothing about the next one, so every item is tried. An unreadable group or a cancel ends the run. */
const cleanUp = async (
  item: LeftOver,
  { request, sources, world }: Omit<Finding, 'found'> & { world: World }
): Promise<Cleaned> => {
  const { runner, canceled } = world
  const name = nameOfLeftOver(item)
  canceled.throwIfAborted()
  try {
    const why = await deleteLeftOver(item, request, sources)
    runner.info(why === undefined ? `Deleted the ${name}.` : `Kept the ${name} after all: ${why}.`)
    return why === undefined ? { item, result: 'deleted' } : { item, result: 'kept', why }
  } catch (error) {
    canceled.throwIfAborted()
    if (error instanceof UserError) throw error
    const told = explained(error)
    if (!(told instanceof UserError)) throw error
    const why = `${told.message}\n${told.hint}`
    runner.info(`The ${name} was not deleted. ${told.message}`)
    return { item, result: 'refused', why }
  }
}

const json = (cleaned: readonly Cleaned[], { clock }: World): string =>
  jsonWithin(cleaned.map((one) => cleanedJson(one, clock.now()))).text

const end = async (cleaned: readonly Cleaned[], inputs: CleanupInputs, world: World): Promise<number> => {
  const { runner, clock } = world
  const sentence = cleanupSentence(cleaned, inputs.dryRun)
  runner.info(sentence)
  runner.output('cleanup', json(cleaned, world))
  const group = `${inputs.application}/${inputs.group}`
  await runner.summary(cleanupSummary(cleaned, { group, sentence, now: clock.now() }))
  const refusals = refusedLines(cleaned)
  if (refusals.length === 0) return 0
  runner.fail(refusals.join('\n'))
  return 1
}
