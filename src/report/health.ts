import { instances } from '../domain/counted.js'
import type { Health, HealthCheck, Sick } from '../domain/health.js'
import { seenFrom, type Times } from './times.js'

const NAMED = 3

/** What a reason of the load balancer means, and what to do (ELB user guide, "Check the health of your targets"). */
export const HEALTH_CAUSES: Readonly<Record<string, string>> = {
  'Target.ResponseCodeMismatch':
    'It answers, but with another code than the check wants: see what the application returns on that path, or correct the codes of the target group.',
  'Target.Timeout':
    "It does not answer in time: the application is not ready or hangs, or the instance's security group does not let the load balancer in on that port.",
  'Target.FailedHealthChecks':
    'It refuses or breaks the connection: the application is not running, or listens on another port or only on 127.0.0.1.',
  'Target.NotInUse':
    'No listener sends requests to its target group, or the load balancer is not enabled in its Availability Zone.',
  'Target.NotRegistered': 'It is not in the target group, or no longer.',
  'Target.DeregistrationInProgress': 'Somebody is taking it out of the target group.',
  'Target.InvalidState': 'It was stopped or terminated: see the activities of its Auto Scaling group.',
  'Target.IpUnusable': 'Its address is used by the load balancer itself.',
  'Elb.InternalError': 'The load balancer itself has an error: see health.aws.amazon.com.'
}

/** `i-1, i-2, i-3 and 2 more instances` */
export const namesOf = (ids: readonly string[]): string => {
  const more = ids.length - NAMED
  return `${ids.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${instances(more, 'more instance')}` : ''}`
}

/** `HTTP /health on the traffic port every 10 s, which wants 200; 5 in a row make it healthy` */
const checkText = ({ protocol, port, path, codes, intervalSeconds, healthyCount }: HealthCheck): string => {
  const where = port === 'traffic-port' ? 'the traffic port' : `port ${port}`
  const what = [protocol, path].filter((part) => part !== '').join(' ')
  const wanted = codes === '' ? '' : `, which wants ${codes}`
  return `${what} on ${where} every ${intervalSeconds} s${wanted}; ${healthyCount} in a row make it healthy`
}

const saidOf = ({ state, reason = '', description = '' }: Health): string => {
  const words = [reason, description].filter((part) => part !== '').join(', ')
  return words === '' ? state : `${state} (${words})`
}

/** Why AllowTraffic waits, in the load balancer's words. */
export const sickSentence = ({ ids, health, since }: Sick, times: Times): string => {
  const began = since === undefined ? '' : ` since ${seenFrom(times, since)}`
  const check = health.check === undefined ? '' : ` The check: ${checkText(health.check)}.`
  return `AllowTraffic has waited${began} for ${namesOf(ids)}: the load balancer says ${saidOf(health)}.${check}`
}

/** What that means, and what to do about it; empty if nothing is known. */
export const sickAdvice = ({ health }: Sick): string => HEALTH_CAUSES[health.reason ?? ''] ?? ''
