/** When a preview is over although its pull request is open. */
export interface Lifetime {
  ttlHours: number
  /** Only pull requests that bear it have previews. */
  label?: string | undefined
}

/** Why a preview is over. */
export type Over =
  { kind: 'closed' } | { kind: 'unlabeled'; label: string } | { kind: 'expired'; hours: number }

const HOUR_MS = 3_600_000

/**
 * Why an environment is over; undefined while it is not. A pull request that GitHub does not know may be one that the token may not see: only time ends it. `pushedAt` is
 * undefined when nothing says since when there is something, which only a run that was killed leaves behind.
 */
export const whyOver = (
  pull: { state: 'open' | 'closed'; labels: readonly string[] } | undefined,
  { pushedAt, now, lifetime }: { pushedAt: number | undefined; now: number; lifetime: Lifetime }
): Over | undefined => {
  if (pull?.state === 'closed') return { kind: 'closed' }
  const { label, ttlHours } = lifetime
  if (pull !== undefined && label !== undefined && !bears(pull.labels, label))
    return { kind: 'unlabeled', label }
  const hours = pushedAt === undefined ? 0 : Math.floor((now - pushedAt) / HOUR_MS)
  return hours >= ttlHours ? { kind: 'expired', hours } : undefined
}

/** Whether a pull request with these labels has a preview. GitHub tells labels apart without regard to case. */
export const bears = (labels: readonly string[], label: string | undefined): boolean =>
  label === undefined || labels.some((one) => one.toLowerCase() === label.toLowerCase())
