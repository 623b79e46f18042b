import type { CheckReads } from '../check-port.js'
import type { Reading } from '../domain/check/finding.js'

/** What was read, or why it was not. */
export const settle = async <T>(reading: Promise<T>): Promise<Reading<T>> => {
  try {
    return { value: await reading }
  } catch (error) {
    return { error }
  }
}

/** The same reads, each of which is made once for each thing, since several lines depend on it. */
export const remembering = (reads: CheckReads): CheckReads => ({
  ...reads,
  fleet: once((of) => reads.fleet(of)),
  healthyHosts: once((of) => reads.healthyHosts(of)),
  targetGroup: once((of) => reads.targetGroup(of)),
  drainSeconds: once((of) => reads.drainSeconds(of)),
  listeners: once((of) => reads.listeners(of)),
  rules: once((of) => reads.rules(of))
})

const once = <T>(read: (of: string) => Promise<T>): ((of: string) => Promise<T>) => {
  const known = new Map<string, Promise<T>>()
  return (of) => {
    const before = known.get(of)
    if (before !== undefined) return before
    const reading = read(of)
    known.set(of, reading)
    return reading
  }
}
