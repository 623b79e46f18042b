/** Runs work side by side, a bounded number at once. */
export interface Lanes {
  /** Starts work as soon as a lane is free; throws the first error of what was started before. */
  start(work: () => Promise<void>): Promise<void>
  /** Resolves when all is done; throws the first error. */
  done(): Promise<void>
  /** Resolves when nothing is under way anymore, whatever became of it. */
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
