/** Keeps jobs under way as long as there are any. */
export interface Feeder {
  /** Takes jobs until `most` are under way; to be called when there are new ones. */
  feed(): void
  /** Resolves when no job is left; throws the first failure, after which no other job is taken. */
  drained(): Promise<void>
}

/** Runs jobs, at most `most` of them at once, in whichever order they are done. */
export const feeder = <Job>(
  take: () => Job | undefined,
  run: (job: Job) => Promise<void>,
  most: number
): Feeder => {
  const open = new Set<Promise<void>>()
  const failures: unknown[] = []
  const feed = (): void => {
    while (open.size < most && failures.length === 0) {
      const job = take()
      if (job === undefined) return
      const running: Promise<void> = run(job)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          open.delete(running)
          feed()
        })
      open.add(running)
    }
  }
  return {
    feed,
    drained: async () => {
      feed()
      while (open.size > 0) await Promise.all(open)
      if (failures.length > 0) throw failures[0]
    }
  }
}
