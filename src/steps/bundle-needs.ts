import type { CleanupService } from '../cleanup-port.js'
import { inTurns } from '../concurrency.js'
import { ACTIVE_STATUSES, type Deployment } from '../domain/deployment.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { RevisionLocation } from '../domain/revision.js'
import { UserError } from '../errors.js'
import type { CodeDeploy } from '../ports.js'
import { orNothing, readGroups } from './groups.js'
import { newestFirst } from './history.js'
import { type LiveSources, readLive } from './live.js'

/** Where the needs of the groups are read. */
export interface NeedSources {
  service: Pick<CleanupService, 'groups'>
  codeDeploy: CodeDeploy
  live: LiveSources
}

/**
 * Reads the revisions that any group of the application needs: what is live; what new instances get, which is the last success; what
 * runs now; and the newest `keep` different bundles that were deployed with success, which a rollback may bring back. Later calls read
 * everything again only if a group changed since. Throws if one group cannot be read, or does not say what is live.
 */
export const bundleNeeds = (
  application: string,
  keep: number,
  sources: NeedSources
): (() => Promise<readonly RevisionLocation[]>) => {
  let known: { state: string; needed: RevisionLocation[] } | undefined
  return async () => {
    const groups = await readGroups(application, sources)
    const states = await inTurns(groups, (group) => stateOf(group, sources))
    const state = JSON.stringify(states.map(({ text }) => text).sort())
    if (known?.state === state) return known.needed
    const needed = await inTurns(groups, (group) => {
      const active = states.find((one) => one.group === group)?.active ?? []
      return orNothing(whatIs(group), () => neededBy(group, active, { keep, sources }))
    })
    known = { state, needed: needed.flat() }
    return known.needed
  }
}

const nameOf = ({ application, name }: DeploymentGroup): string => `${application}/${name}`
const whatIs = (group: DeploymentGroup): string => `deployment group ${nameOf(group)}`

/** What changes with every deployment of a group, and those that have not ended. */
const stateOf = (
  group: DeploymentGroup,
  { codeDeploy }: NeedSources
): Promise<{ group: DeploymentGroup; active: string[]; text: string }> =>
  orNothing(whatIs(group), async () => {
    const { application, name, lastSuccessful, lastAttempted, autoScalingGroups } = group
    const active = await codeDeploy.deploymentIds({ application, group: name, statuses: ACTIVE_STATUSES })
    const text = JSON.stringify([
      ...[name, lastSuccessful?.id, lastAttempted?.id],
      ...[[...autoScalingGroups].sort(), [...active].sort()]
    ])
    return { group, active, text }
  })

const neededBy = async (
  group: DeploymentGroup,
  active: readonly string[],
  { keep, sources }: { keep: number; sources: NeedSources }
): Promise<RevisionLocation[]> => {
  const { codeDeploy, live: liveSources } = sources
  const { live, attempts } = await readLive(group, liveSources)
  const hasServed = group.lastSuccessful !== undefined
  const isOpen = live.kind === 'mixed' && live.parts.some(({ deployment }) => deployment === undefined)
  if (hasServed && (isOpen || live.kind === 'unknown'))
    throw new UserError(
      `What is live on ${nameOf(group)} is not known${live.kind === 'unknown' ? `: ${live.reason}` : ', since some of its instances run something that no known deployment installed'}. Its bundle could be any, so nothing more is deleted.`,
      'Look at the instances of the group, or leave `keep-bundles` out to clean up everything but bundles.'
    )
  const named = await allOf([...active, group.lastSuccessful?.id, group.lastAttempted?.id], codeDeploy)
  const kept = await newestBundles(group, keep, codeDeploy)
  const deployments = [...attempts.map(({ deployment }) => deployment), ...named, ...kept]
  return deployments.flatMap(({ revision }) => revision ?? [])
}

/** These deployments. Throws when the service leaves one out, whose revision would then not be known. */
const allOf = async (
  ids: readonly (string | undefined)[],
  codeDeploy: Pick<CodeDeploy, 'deployments'>
): Promise<Deployment[]> => {
  const wanted = [...new Set(ids.flatMap((id) => id ?? []))]
  if (wanted.length === 0) return []
  const found = await codeDeploy.deployments(wanted)
  const missing = wanted.filter((id) => !found.some((one) => one.id === id))
  if (missing.length > 0) throw new Error(`CodeDeploy does not show its deployment ${missing.join(', ')}`)
  return found
}

/** The newest successes, until they have so many different bundles. */
const newestBundles = async (
  { application, name }: DeploymentGroup,
  keep: number,
  codeDeploy: CodeDeploy
): Promise<Deployment[]> => {
  const read: Deployment[] = []
  const keys = new Set<string>()
  for await (const deployment of newestFirst(codeDeploy, {
    application,
    group: name,
    statuses: ['Succeeded']
  })) {
    read.push(deployment)
    if (deployment.revision?.kind === 's3') keys.add(deployment.revision.key)
    if (keys.size >= keep) break
  }
  return read
}
