import { counted } from '../domain/counted.js'
import { fleetName } from '../domain/fixed-fleet.js'
import { blueFleets, hasFixedFleets } from '../domain/green-choice.js'
import type { DeploymentGroup } from '../domain/group.js'
import { type Live, liveName } from '../domain/live.js'
import type { Obstacle, Plan } from '../domain/plan.js'
import { treeName } from '../domain/pull-request.js'
import { changeCounts } from './changes.js'
import { liveLine } from './live.js'
import { frozenUntil, signature } from './signature.js'
import { revisionWord } from './traffic.js'
import type { Times } from './times.js'
import { bytesText, roughly } from './units.js'
import { holderLine } from './waits.js'

/** What is live in a few words; names of revisions are in backticks. */
export const liveText = (live: Live): string => {
  switch (live.kind) {
    case 'commit':
      return `\`${revisionWord(liveName(live) ?? 'unknown', '')}\` on ${counted(live.instances.length, 'instance')}`
    case 'mixed':
      return `${live.parts.length} revisions at the same time: ${live.parts.map(({ deployment, instances }) => `\`${deployment?.id ?? 'unknown'}\` on ${counted(instances.length, 'instance')}`).join(', ')}`
    case 'unknown':
      return live.neverDeployed === true
        ? 'nothing has been deployed to this group yet'
        : `not known, because ${live.reason}`
  }
}

/** What a deploy does with the group's instances and traffic. */
export const deployText = (group: DeploymentGroup, live: Live): string => {
  const { waits, deploymentConfig, autoScalingGroups } = group
  const count = live.kind === 'commit' ? ` (${counted(live.instances.length, 'instance')})` : ''
  if (group.style === 'IN_PLACE') return `installs in place, \`${deploymentConfig}\``
  const ready = waits.readyMinutes > 0 ? `, waits ${waits.readyMinutes} min before the traffic moves` : ''
  const end =
    waits.blueAction === 'KEEP_ALIVE'
      ? 'keeps the old instances'
      : waits.terminationMinutes === 0
        ? 'terminates the old instances at once'
        : `terminates the old instances ${roughly(waits.terminationMinutes * 60_000)} later`
  const start = hasFixedFleets(group)
    ? `installs on the fixed fleet that does not serve (\`${blueFleets(group).map(fleetName).join(', ')}\` is blue)`
    : `copies \`${autoScalingGroups.join(', ')}\`${count}`
  return `${start}${ready}, moves the traffic (\`${deploymentConfig}\`), and ${end}`
}

/** How long a deploy takes, judged by the last ones. */
export const expectedText = ({ expected }: Plan): string => {
  if (expected === undefined) return 'not known: no earlier deployment of this group shows how long it takes'
  const { toTrafficMs, toEndMs, count } = expected
  const end = toEndMs === undefined ? '' : `, ${roughly(toEndMs)} until it ends`
  const base = count === 1 ? 'like the last deployment' : `the median of the last ${count} deployments`
  return `${nearly(toTrafficMs)} until it serves${end} (${base})`
}

/** Why a deploy would not start now: what keeps it, and until when or by whom. */
export const obstacleSentence = (obstacle: Obstacle, times: Times): string => {
  switch (obstacle.kind) {
    case 'holder':
      return holderLine(obstacle.deployment, obstacle.targets, times)
    case 'hold':
      return `On hold, so nothing is deployed. Held by ${signature(obstacle.hold, times.zone)}.`
    case 'frozen':
      return `Frozen ${frozenUntil(obstacle.window, times.zone)}.`
    case 'undone':
      return `The same files were rolled back by ${signature(obstacle.undone, times.zone)}; a deploy of them is refused without \`redeploy-undone: true\`.`
  }
}

/** The plan in the log: a line for each fact. */
export const planLines = (plan: Plan, times: Times): string[] => {
  const { group, tree, bundle, live, servers, shipment, obstacles, gaps } = plan
  return [
    `Plan for ${group.application}/${group.name}: ${treeName(tree)}`,
    liveLine(live),
    `Bundle: ${counted(bundle.files, 'file')}, ${bytesText(bundle.bytes)}`,
    'unknown' in servers
      ? `On the servers: not known: ${servers.unknown}`
      : `On the servers: ${changeCounts(servers.value)}${servers.value.hooks.map(({ script, event, change }) => `; ${script} (${event}): ${change}`).join('')}`,
    'unknown' in shipment
      ? `Commits: not known: ${shipment.unknown}`
      : `Commits: ${shipment.value.total} more than what is live${shipment.value.lost === 0 ? '' : `, ${shipment.value.lost} of what is live would be gone`}`,
    `A deploy ${deployText(group, live)}.`,
    `It takes ${expectedText(plan)}.`,
    ...obstacles.map((obstacle) => obstacleSentence(obstacle, times)),
    ...gaps
  ]
}

const nearly = (ms: number): string => (ms < 30_000 ? roughly(ms) : `about ${roughly(ms)}`)
