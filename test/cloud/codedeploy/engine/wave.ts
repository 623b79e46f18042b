/** How a wave ended: `stuck` items were never started, because too many had failed. */
export interface WaveResult<Item> {
  succeeded: Item[]
  failed: Item[]
  stuck: Item[]
}

/**
 * Works through `items` with at most `room` in progress or failed at once: a failure keeps its place, so that there are never
 * fewer healthy hosts than the minimum (docs/service.md, reference 1.7). Ends early, without an error, when the signal is
 * aborted.
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
