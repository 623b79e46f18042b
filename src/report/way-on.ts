import { greenGroupOf } from '../domain/deployment.js'
import type { Waiting } from '../domain/event-changes.js'
import { phaseOf } from '../domain/phase.js'
import { forLog } from './escape.js'
import type { Times } from './times.js'

/** From this much silence on, a person may want to act; until the second, it is said once. */
const FROM_MS = 10 * 60_000
const UNTIL_MS = 15 * 60_000

/** What a person can do about a deployment that has been silent for long, ready to paste; empty at any other time. */
export const wayOnLines = (waiting: Waiting, { now }: Pick<Times, 'now'>, region: string): string[] => {
  const { deployment, targets, changedAt } = waiting
  const silence = now.getTime() - changedAt
  const phase = phaseOf(deployment, targets)
  const look = LOOKS[phase]
  if (look === undefined || silence < FROM_MS || silence >= UNTIL_MS) return []
  const stop = `aws deploy stop-deployment --deployment-id ${deployment.id} --auto-rollback-enabled`
  return [
    `${deployment.id} has been silent for long. To see more, and to end it with a rollback:`,
    ...[...look(waiting), stop].map((command) => `    ${forLog(command)} --region ${region}`)
  ]
}

type Look = (waiting: Waiting) => string[]

const instance: Look = ({ targets }) => {
  const [target] = targets.filter(({ status }) => status === 'InProgress')
  return target === undefined ? [] : [`aws ssm start-session --target ${target.id}`]
}

/** Waits that somebody has set are left alone. */
const LOOKS: Partial<Record<ReturnType<typeof phaseOf>, Look>> = {
  provision: ({ deployment }) => {
    const name = greenGroupOf(deployment)
    return name === undefined
      ? []
      : [`aws autoscaling describe-scaling-activities --auto-scaling-group-name ${name}`]
  },
  install: instance,
  traffic: instance
}
