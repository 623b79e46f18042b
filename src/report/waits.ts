import type { Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { type Phase, phaseOf } from '../domain/phase.js'
import { cutLine } from './columns.js'
import { forLog } from './escape.js'
import { blueLivesUntil } from './traffic.js'
import { between, clockSeenFrom, roughly } from './units.js'

const DOING: Record<Phase, string> = {
  provision: 'provisioning its green fleet',
  install: 'installing',
  ready: 'waiting before its traffic moves',
  traffic: 'shifting its traffic',
  'termination-wait': 'serving already; its blue fleet waits for its termination',
  over: 'over'
}

/** A wait of an hour and more in the configuration's own unit, so that it is found again in the group's settings. */
const configured = (name: string, minutes: number): string => `${name} ${minutes} min`

/**
 * How long a deployment may hold its group at most, as far as the group's waits tell: the rest of a wait that runs, or the
 * waits that are still to come. The work itself (start of instances, hooks) is not in it.
 */
const atMost = (holder: Deployment, targets: readonly Target[], now: Date): string => {
  const { waits } = holder
  if (waits === undefined) return ''
  const until = blueLivesUntil(holder, targets)
  if (until !== undefined)
    return `at most ${roughly(between(now, until) ?? 0)} more (until ${clockSeenFrom(now, until)}, ${configured('termination wait', waits.terminationMinutes)})`
  const coming = [
    ...(waits.readyMinutes > 0 ? [configured('ready wait', waits.readyMinutes)] : []),
    ...(waits.blueAction === 'TERMINATE' && waits.terminationMinutes > 0
      ? [configured('termination wait', waits.terminationMinutes)]
      : [])
  ]
  const minutes = waits.readyMinutes + (waits.blueAction === 'TERMINATE' ? waits.terminationMinutes : 0)
  return coming.length === 0
    ? ''
    : `its waits add ${roughly(minutes * 60_000)} at most (${coming.join(', ')})`
}

/** Who holds the group, since when, in which phase, and how long it may last. */
export const holderLine = (holder: Deployment, targets: readonly Target[], now: Date): string => {
  const since = holder.createdAt
  const facts = [
    `${holder.id} holds ${holder.application}/${holder.group} since ${clockSeenFrom(now, since)} (${roughly(between(since, now) ?? 0)})`,
    `started by ${holder.creator}${holder.description === '' ? '' : `: ${cutLine(holder.description, 120)}`}`,
    `${holder.status}, ${DOING[phaseOf(holder, targets)]}`,
    atMost(holder, targets, now)
  ]
  return forLog(facts.filter((fact) => fact !== '').join(' · '))
}

/** What is being waited for in a phase in which nothing happens, or empty in one that shows events. */
export const waitLine = (deployment: Deployment, targets: readonly Target[], now: Date): string => {
  const phase = phaseOf(deployment, targets)
  const { waits } = deployment
  if (phase === 'provision')
    return deployment.style === 'BLUE_GREEN'
      ? `provisioning the green fleet for ${roughly(between(deployment.createdAt, now) ?? 0)}: the instances start, and their agents report`
      : 'the instances have not answered yet'
  if (phase === 'ready') return readyLine(deployment, targets, now)
  if (phase !== 'termination-wait') return ''
  if (waits?.blueAction === 'KEEP_ALIVE')
    return 'the blue fleet is kept alive, out of service; it costs until somebody deletes it'
  const until = blueLivesUntil(deployment, targets)
  return until === undefined
    ? 'the blue fleet is out of service and waits for its termination; traffic stays on green'
    : `blue fleet lives ${roughly(between(now, until) ?? 0)} more (until ${clockSeenFrom(now, until)}); traffic stays on green`
}

/** All green instances are ready; what happens at the end of the wait depends on the group (reference §1.2). */
const readyLine = ({ waits }: Deployment, targets: readonly Target[], now: Date): string => {
  const began = targets
    .flatMap((target) => target.events.map((event) => event.endTime?.getTime() ?? 0))
    .reduce((last, moment) => Math.max(last, moment), 0)
  if (waits === undefined || began === 0) return 'the green fleet is ready; the traffic has not moved yet'
  const until = new Date(began + waits.readyMinutes * 60_000)
  const end =
    waits.readyAction === 'STOP_DEPLOYMENT'
      ? 'the service stops the deployment unless somebody continues it'
      : 'the traffic moves'
  return `the green fleet is ready; in ${roughly(between(now, until) ?? 0)} (${clockSeenFrom(now, until)}) ${end}`
}
