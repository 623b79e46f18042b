/** How a wave ended: `stuck` items were never begun, since too many had failed. */
export interface WaveResult<Item> {
  succeeded: Item[]
  failed: Item[]
  stuck: Item[]
}

/**
 * Works through `items` with at most `room` at work or failed at one time: a failure takes its place for good, so the
 * minimum of healthy hosts is never undercut (reference §1.7). Ends early, without an error, when the signal fires.
 */
export const wave = async <Item>(
  items: readonly Item[],
  limits: { room: number; signal: AbortSignal },
  work: (item: Item) => Promise<boolean>
): Promise<WaveResult<Item>> => {
  const result: WaveResult<Item> = { succeeded: [], failed: [], stuck: [...items] }
  const worker = async (): Promise<void> => {
    while (!limits.signal.aborted) {
      const item = result.stuck.shift()
      if (item === undefined) return
      if (await work(item)) {
        result.succeeded.push(item)
      } else {
        result.failed.push(item)
        return
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limits.room, items.length) }, worker))
  return result
}
