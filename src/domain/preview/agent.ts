import type { LifecycleEvent, Target } from '../event.js'

/** The service's words for an agent that does not ask for its work (docs/service.md, reference 9). */
const NOT_RECEIVED = /agent was not able to receive the lifecycle event/

const isUnanswered = ({ status, diagnostics }: LifecycleEvent): boolean =>
  status === 'Pending' ||
  status === 'Skipped' ||
  status === 'Unknown' ||
  NOT_RECEIVED.test(diagnostics?.message ?? '')

/** Whether no agent has answered: nothing has been run on any instance, so the revision is not what failed. */
export const isAgentSilent = (targets: readonly Target[]): boolean =>
  targets.length > 0 && targets.every(({ events }) => events.every(isUnanswered))

/**
 * How long after its Auto Scaling group was made the agents of a preview may still be on their way: the service gives up after five minutes (docs/service.md,
 * captures 9), and installing the agent and what an application needs takes longer on a small instance.
 */
const COMING_UP_MS = 20 * 60_000

/** Whether instances of a group that was made then (epoch milliseconds) may still be installing their agents. */
export const mayComeUp = (madeAt: number, now: number): boolean => now - madeAt < COMING_UP_MS
