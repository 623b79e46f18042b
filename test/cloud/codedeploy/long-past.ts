import type { Deployment } from './model.js'

const DAY_MS = 86_400_000

/**
 * A long past for a group: copies of its last deployment, spread evenly over `days`, all older than it. `last` itself is moved to
 * `newestDays` ago, as if nothing had been deployed since.
 */
export const longPast = (
  last: Deployment,
  { count, days, newestDays = 0 }: { count: number; days: number; newestDays?: number }
): Deployment[] => {
  shift(last, newestDays * DAY_MS)
  return Array.from({ length: count - 1 }, (_, at) => {
    const id = `d-P${String(at).padStart(8, '0')}`
    return shift({ ...last, id }, ((at + 1) * days * DAY_MS) / count)
  })
}

const shift = (deployment: Deployment, ms: number): Deployment => {
  deployment.createdAt -= ms
  if (deployment.startedAt !== undefined) deployment.startedAt -= ms
  if (deployment.completedAt !== undefined) deployment.completedAt -= ms
  return deployment
}
