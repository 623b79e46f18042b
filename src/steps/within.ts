import type { Polling } from '../ports.js'

/** The work's result, or undefined when it takes longer than `ms`; then its signal is aborted, and what becomes of it is ignored. */
export const within = async <T>(
  ms: number,
  { clock, signal }: Pick<Polling, 'clock' | 'signal'>,
  work: (signal: AbortSignal) => Promise<T>
): Promise<T | undefined> => {
  const end = new AbortController()
  const both = AbortSignal.any([signal, end.signal])
  const working = work(both)
  // One of the two loses, and its rejection is nobody's error.
  working.catch(() => undefined)
  const late = clock.sleep(ms, both).then(() => undefined)
  late.catch(() => undefined)
  try {
    return await Promise.race([working, late])
  } finally {
    end.abort()
  }
}
