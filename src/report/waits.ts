import type { Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { blueLivesUntil, type Phase, phaseOf } from '../domain/phase.js'
import { cutLine } from './columns.js'
import { forLog } from './escape.js'
import { seenFrom, type Times } from './times.js'
import { between, roughly } from './units.js'

const DOING: Record<Phase, string> = {
  provision: 'provisioning its green fleet',
  install: 'installing',
  ready: 'waiting before its traffic moves',
  traffic: 'shifting its traffic',
  'termination-wait': 'already serving; its blue fleet is waiting to be terminated',
  over: 'over'
}

/** A wait in the configuration's own unit, so that it can be found in the group's settings. */
const configured = (name: string, minutes: number): string => `${name} ${minutes} min`

/**
 * How long a deployment may still hold its group, judged by the group's waits: the rest of the current wait, or the waits
 * still to come. The work itself (starting instances, running hooks) is not included.
 */
const atMost = (holder: Deployment, targets: readonly Target[], times: Times): string => {
  const { waits } = holder
  if (waits === undefined) return ''
  const until = blueLivesUntil(holder, targets)
  if (until !== undefined)
    return `at most ${roughly(between(times.now, until) ?? 0)} more (until ${seenFrom(times, until)}, ${configured('termination wait', waits.terminationMinutes)})`
  const coming = [
    ...(waits.readyMinutes > 0 ? [configured('ready wait', waits.readyMinutes)] : []),
    ...(waits.blueAction === 'TERMINATE' && waits.terminationMinutes > 0
      ? [configured('termination wait', waits.terminationMinutes)]
      : [])
  ]
  const minutes = waits.readyMinutes + (waits.blueAction === 'TERMINATE' ? waits.terminationMinutes : 0)
  return coming.length === 0
    ? ''
    : `its waits add at most ${roughly(minutes * 60_000)} (${coming.join(', ')})`
}

/** Which deployment holds the group, since when, in which phase, and for how much longer. */
export const holderLine = (holder: Deployment, targets: readonly Target[], times: Times): string => {
  const since = holder.createdAt
  const facts = [
    `${holder.id} has held ${holder.application}/${holder.group} since ${seenFrom(times, since)} (${roughly(between(since, times.now) ?? 0)})`,
    `started by ${holder.creator}${holder.description === '' ? '' : `: ${cutLine(holder.description, 120)}`}`,
    `${holder.status}, ${DOING[phaseOf(holder, targets)]}`,
    atMost(holder, targets, times)
  ]
  return forLog(facts.filter((fact) => fact !== '').join(' · '))
}

/** What a phase without events is waiting for; empty for a phase that shows events. */
export const waitLine = (deployment: Deployment, targets: readonly Target[], times: Times): string => {
  const phase = phaseOf(deployment, targets)
  const { waits } = deployment
  if (phase === 'provision')
    return deployment.style === 'BLUE_GREEN'
      ? `provisioning the green fleet (${roughly(between(deployment.createdAt, times.now) ?? 0)} so far): instances are starting and their agents are connecting`
      : 'the instances have not answered yet'
  if (phase === 'ready') return readyLine(deployment, targets, times)
  if (phase !== 'termination-wait') return ''
  if (waits?.blueAction === 'KEEP_ALIVE')
    return 'the blue fleet is kept running, out of service; it costs money until someone deletes it'
  const until = blueLivesUntil(deployment, targets)
  return until === undefined
    ? 'the blue fleet is out of service and waiting to be terminated; traffic stays on green'
    : `the blue fleet keeps running until ${seenFrom(times, until)} (${roughly(between(times.now, until) ?? 0)} left); traffic stays on green`
}

/** All green instances are ready; what happens at the end of the wait depends on the group (docs/service.md, reference 1.2). */
const readyLine = ({ waits }: Deployment, targets: readonly Target[], times: Times): string => {
  const began = targets
    .flatMap((target) => target.events.map((event) => event.endTime?.getTime() ?? 0))
    .reduce((last, moment) => Math.max(last, moment), 0)
  if (waits === undefined || began === 0) return 'the green fleet is ready; the traffic has not moved yet'
  const until = new Date(began + waits.readyMinutes * 60_000)
  const end =
    waits.readyAction === 'STOP_DEPLOYMENT'
      ? 'the service stops the deployment unless someone continues it'
      : 'the traffic moves'
  return `the green fleet is ready; in ${roughly(between(times.now, until) ?? 0)} (${seenFrom(times, until)}) ${end}`
}
