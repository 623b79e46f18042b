import type { Target } from '../domain/event.js'

/** Instances that did not get through: worth a warning when the deployment succeeds all the same (reference §1.7). */
const failedInstances = (targets: readonly Target[]): Target[] =>
  targets.filter((target) => target.status === 'Failed' || target.status === 'Skipped')

/** The warning about them; empty when all got through. */
export const partial = (targets: readonly Target[]): string[] => {
  const failed = failedInstances(targets)
  const ids = failed.slice(0, 10).map(({ id }) => id)
  const rest = failed.length > ids.length ? ` and ${failed.length - ids.length} more` : ''
  return failed.length === 0
    ? []
    : [
        `${failed.length} of ${targets.length} instances did not get through: ${ids.join(', ')}${rest}. The deployment configuration allows it, so the service calls it a success; look at them.`
      ]
}
