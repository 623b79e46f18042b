/** Whether sweeps are played whole: set by jest.full.config.js for `npm run test:full`. */
export const isWhole = (globalThis as { sweep?: string }).sweep === 'whole'

/** The list, beginning with the one at this position; positions go round. */
export const rotated = <T>(list: readonly T[], position: number): T[] => {
  const at = position % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}

/**
 * What `npm test` plays of a list that `npm run test:full` plays whole: every n-th, from the first on. A list that grows
 * or shrinks by one so gives other cases their turn.
 */
export const sampled = <T>(list: readonly T[], n: number): readonly T[] =>
  isWhole ? list : list.filter((_, at) => at % n === 0)
