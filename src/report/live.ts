import { revisionWord } from './traffic.js'
import { greenGroupOf } from '../domain/deployment.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Evidence, Live, LivePart } from '../domain/live.js'
import { type RevisionLocation, revisionName, sameRevision } from '../domain/revision.js'
import { shellQuoted } from './escape.js'
import { deleteCommand } from './orphans.js'

const NAMED = 10

const named = (instances: readonly string[]): string => {
  const rest = instances.length - NAMED
  return `${instances.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** `9108d4a3 (d-…)`; a part that no deployment installed has no name. */
const partName = ({ deployment }: LivePart): string => {
  const name = revisionName(deployment?.revision)
  if (deployment === undefined || name === undefined) return 'an unknown revision'
  return `${revisionWord(name, '')} (${deployment.id})`
}

const source = ({ from }: Evidence): string =>
  from === 'load-balancer' ? 'according to the load balancer' : 'according to the deployments'

/** Why the load balancer was not asked, or did not answer, as a sentence; undefined if it was, or if there is none. */
export const liveNote = ({ evidence: { note } }: Live): string | undefined =>
  note === undefined ? undefined : `${note.charAt(0).toUpperCase()}${note.slice(1).replace(/\.$/, '')}.`

/** What is live, and how this is known, in one line. */
export const liveLine = (live: Live): string => {
  if (live.kind === 'commit') {
    const count = live.instances.length
    return `Live now: ${partName(live)} on ${count} ${count === 1 ? 'instance' : 'instances'}, ${source(live.evidence)}`
  }
  if (live.kind === 'mixed')
    return `Live now: ${live.parts.map((part) => `${partName(part)} on ${named(part.instances)}`).join('; ')}, ${source(live.evidence)}`
  if (live.neverDeployed === true) return 'Nothing has been deployed to this group yet.'
  return `Live now: unknown, because ${live.reason}, ${source(live.evidence)}`
}

/** The parts of what is live that are not this revision. */
export const otherParts = (live: Live, wanted: RevisionLocation): LivePart[] => {
  const parts = live.kind === 'mixed' ? live.parts : live.kind === 'commit' ? [live] : []
  return parts.filter(({ deployment }) => !sameRevision(deployment?.revision, wanted))
}

/** Why other instances serve too, and what to do about them. */
export const otherSentence = (part: LivePart, group: DeploymentGroup): string => {
  const who = `${named(part.instances)} ${part.instances.length === 1 ? 'serves' : 'serve'} ${partName(part)}.`
  return leftoverOf(part, group) === undefined
    ? `${who} Check the target group, and deregister the instances that should not serve.`
    : `${who} ${part.deployment?.id ?? ''} ended as ${part.deployment?.status ?? ''} and left them in service; a new deployment replaces only the fleet that the group refers to. Delete their Auto Scaling group:`
}

/** What to do about instances that serve although a rollback is done. */
export const howToEndThem = (part: LivePart, group: DeploymentGroup): string => {
  const { id = '', status = '' } = part.deployment ?? {}
  return leftoverOf(part, group) === undefined
    ? `Check the target group, and deregister the instances that should not serve: ${named(part.instances)} ${part.instances.length === 1 ? 'serves' : 'serve'} ${partName(part)}.`
    : `Delete the Auto Scaling group of ${id}, with the command below. ${id} ended as ${status} and left ${named(part.instances)} in service with ${partName(part)}; a new deployment replaces only the fleet that the group refers to.`
}

/** The command that deletes them, only where their Auto Scaling group is certainly a leftover. */
export const otherCommand = (part: LivePart, group: DeploymentGroup, region: string): string | undefined => {
  const name = leftoverOf(part, group)
  return name === undefined ? undefined : deleteCommand({ name, certain: true, objections: [] }, region)
}

/** The green group of an unfinished deployment, unless the deployment group refers to it. */
const leftoverOf = ({ deployment }: LivePart, group: DeploymentGroup): string | undefined => {
  if (deployment?.style !== 'BLUE_GREEN' || !/^(Failed|Stopped)$/.test(deployment.status)) return undefined
  const name = deployment.fixedGreen === undefined ? greenGroupOf(deployment) : undefined
  return name === undefined || group.autoScalingGroups.includes(name) ? undefined : name
}

/** How to check by hand what could not be proven. */
export const howToProve = (
  { targetGroups }: DeploymentGroup,
  region: string
): { sentence: string; commands: string[] } => ({
  sentence:
    'Grant the role elasticloadbalancing:DescribeTargetGroups and elasticloadbalancing:DescribeTargetHealth (docs/iam/optional-target-health.json), so that the action can ask the load balancer, or check the health of the target group yourself.',
  commands: targetGroups.map(
    (name) => `aws elbv2 describe-target-groups --names ${shellQuoted(name)} --region ${region}`
  )
})
