/** Runs work concurrently, a bounded number at once. */
export interface Lanes {
  /** Starts work as soon as a lane is free; throws the first error of earlier work. */
  start(work: () => Promise<void>): Promise<void>
  /** Resolves when all is done; throws the first error. */
  done(): Promise<void>
  /** Resolves when no work is running, whether it failed or not. */
  quiet(): Promise<void>
}

export const lanes = (atOnce: number): Lanes => {
  const open = new Set<Promise<void>>()
  const failures: unknown[] = []
  const assertFine = (): void => {
    if (failures.length > 0) throw failures[0]
  }
  const quiet = async (): Promise<void> => {
    await Promise.all(open)
  }
  return {
    start: async (work) => {
      while (open.size >= atOnce) await Promise.race(open)
      assertFine()
      const running: Promise<void> = work()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => open.delete(running))
      open.add(running)
    },
    done: async () => {
      await quiet()
      assertFine()
    },
    quiet
  }
}

/** Keeps jobs running as long as there are any. */
export interface Feeder {
  /** Takes jobs until `most` are running; call it when there are new ones. */
  feed(): void
  /** Resolves when no job is left; throws the first failure, after which no more jobs are taken. */
  drained(): Promise<void>
}

/** Runs at most `most` jobs at once, in any order. */
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

/**
 * Runs some jobs ahead, and yields the answers in the order of the jobs. A job is taken from `jobs` only when there is room
 * for it, so `ahead` bounds what is in memory.
 */
export async function* inOrder<Job, Answer>(
  jobs: Iterable<Job>,
  run: (job: Job) => Promise<Answer>,
  ahead: number
): AsyncGenerator<{ job: Job; answer: Answer }> {
  const open: { job: Job; answer: Promise<Answer> }[] = []
  const next = async () => {
    const first = open.shift()
    return first === undefined ? undefined : { job: first.job, answer: await first.answer }
  }
  for (const job of jobs) {
    const answer = run(job)
    // A failure is thrown when its turn comes; until then it must not count as unhandled.
    answer.catch(() => undefined)
    open.push({ job, answer })
    const done = open.length > ahead ? await next() : undefined
    if (done !== undefined) yield done
  }
  for (let done = await next(); done !== undefined; done = await next()) yield done
}

/** Deployments, bundles or pages that are read at the same time: more would only be throttled. */
const READ_AT_ONCE = 10

/** Maps items, a few at a time, and keeps their order. Throws the first failure by time; no item is begun after it. */
export const inTurns = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const done: R[] = []
  const left = items.entries()
  const runs = feeder(
    () => left.next().value,
    async ([at, item]) => {
      done[at] = await work(item)
    },
    READ_AT_ONCE
  )
  await runs.drained()
  return done
}
