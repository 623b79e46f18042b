import { counted, grouped, instances } from '../domain/counted.js'
import type { Deployment } from '../domain/deployment.js'
import { withoutSeal } from '../domain/description.js'
import { type EventChange, hasFailed, isSettled, type LifecycleEvent, type Target } from '../domain/event.js'
import type { Waiting } from '../domain/event-changes.js'
import { leaving } from '../domain/silence.js'
import type { WaitFacts } from '../domain/reason.js'
import { blueLivesUntil, hasBegun, type Phase, phaseOf, phaseOfEvent } from '../domain/phase.js'
import { cutLine } from './columns.js'
import { forLog } from './escape.js'
import { trafficLine } from './traffic.js'
import { ago, seenFrom, type Times } from './times.js'
import { between, duration, roughly } from './units.js'

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
    `started by ${holder.creator}${holder.description === '' ? '' : `: ${cutLine(withoutSeal(holder.description), 120)}`}`,
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
    return deployment.style === 'BLUE_GREEN' && deployment.fixedGreen === undefined
      ? `provisioning the green fleet (${roughly(between(deployment.createdAt, times.now) ?? 0)} so far): instances are starting and their agents are connecting`
      : 'the instances have not answered yet'
  if (phase === 'ready') return readyLine(deployment, targets, times)
  if (phase !== 'termination-wait') return ''
  if (waits?.blueAction === 'KEEP_ALIVE')
    return deployment.fixedGreen === undefined
      ? 'the blue fleet is kept running, out of service; it costs money until someone deletes it'
      : 'the blue fleet is kept running, out of service'
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

/** What is awaited, how far it is, since when nothing has changed, and when this run stops watching. */
export const heartbeatLine = (
  { deployment, targets, facts = {}, since, changedAt, until }: Waiting,
  times: Times
): string => {
  const changed = new Date(changedAt)
  return forLog(
    [
      `Waiting for ${deployment.id}: ${awaited({ deployment, targets, facts }, times)}`,
      changedAt > since
        ? `last change at ${seenFrom(times, changed)} (${ago(times, changed)})`
        : `no news since ${seenFrom(times, changed)} (${roughly(between(changed, times.now) ?? 0)})`,
      `watched until ${seenFrom(times, new Date(until))} at most`
    ].join(' · ')
  )
}

interface Awaited {
  deployment: Deployment
  targets: readonly Target[]
  facts: WaitFacts
}

const awaited = ({ deployment, targets, facts }: Awaited, times: Times): string => {
  const phase = phaseOf(deployment, targets)
  const wait = waitLine(deployment, targets, times)
  if (phase === 'provision')
    return [wait, inService(facts), targets.length === 0 ? '' : answered(targets)]
      .filter((fact) => fact !== '')
      .join('; ')
  if (wait !== '') return wait
  const parts = [
    phase === 'traffic' ? trafficLine(targets) : installed(targets),
    running(targets, facts, times),
    draining(targets, facts, times)
  ]
  return parts.filter((part) => part !== '').join('; ')
}

/** `1 of 2 instances in service, 1 Pending`: what Auto Scaling says of the green fleet. */
const inService = ({ group }: WaitFacts): string => {
  if (group === undefined) return ''
  const states = new Map<string, number>()
  for (const { state } of group.instances) states.set(state, (states.get(state) ?? 0) + 1)
  const others = [...states]
    .filter(([state]) => state !== 'InService')
    .map(([state, count]) => `${grouped(count)} ${state}`)
  return [
    `${grouped(states.get('InService') ?? 0)} of ${instances(group.desired)} in service`,
    ...others
  ].join(', ')
}

/** Until when the load balancer lets the requests of leaving instances end. */
const draining = (targets: readonly Target[], { delaySeconds }: WaitFacts, times: Times): string => {
  const gone = leaving(targets)
  const begun = Math.max(...gone.map(({ since }) => since?.getTime() ?? Number.NEGATIVE_INFINITY))
  if (gone.length === 0 || delaySeconds === undefined || !Number.isFinite(begun)) return ''
  const until = new Date(begun + delaySeconds * 1000)
  return `open requests on ${instances(gone.length)} may end until ${seenFrom(times, until)} (deregistration delay ${delaySeconds} s)`
}

const answered = (targets: readonly Target[]): string =>
  `${grouped(targets.filter(({ status }) => hasBegun(status)).length)} of ${instances(targets.length)} answered`

/** Instances of the new fleet, or in place, that have nothing left to do before the traffic, and those that failed. */
const installed = (targets: readonly Target[]): string => {
  const its = targets.filter((target) => target.fleet !== 'blue')
  const failed = its.filter(({ status, events }) => status === 'Failed' || events.some(hasFailed))
  const isInstalled = (target: Target): boolean =>
    target.events.some(({ status }) => status === 'Succeeded') &&
    target.events.every((event) => phaseOfEvent({ target, event }) === 'traffic' || isSettled(event.status))
  const count = its.filter((target) => !failed.includes(target) && isInstalled(target)).length
  const rest = failed.length === 0 ? '' : `, ${grouped(failed.length)} failed`
  return `${grouped(count)} of ${instances(its.length)} installed${rest}`
}

/** `ValidateService is running on i-1 since 12:03, and 2 more events`: the one that has run longest. */
const running = (targets: readonly Target[], facts: WaitFacts, times: Times): string => {
  const all = targets
    .flatMap((target) => target.events.map((event): EventChange => ({ target, event })))
    .filter(({ event }) => event.status === 'InProgress')
    .sort((one, other) => startOf(one) - startOf(other))
  const [first] = all
  if (first === undefined) return ''
  const { target, event } = first
  const since = event.startTime === undefined ? '' : ` since ${seenFrom(times, event.startTime)}`
  const rest = all.length === 1 ? '' : `, and ${counted(all.length - 1, 'more event')}`
  return `${event.name} is running on ${target.id}${since}${compared(event, facts)}${rest}`
}

/** ` (at most 10 min, 40 s in the last deployment)`: what its scripts may take, and what the event took before. */
const compared = ({ name }: LifecycleEvent, { limits, usual }: WaitFacts): string => {
  const [limit, before] = [limits?.get(name), usual?.get(name)]
  const parts = [
    ...(limit === undefined ? [] : [`at most ${duration(limit * 1000)}`]),
    ...(before === undefined ? [] : [`${duration(before)} in the last deployment`])
  ]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

const startOf = ({ event }: EventChange): number => event.startTime?.getTime() ?? Number.MAX_SAFE_INTEGER
