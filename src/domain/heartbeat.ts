const MINUTE = 60_000
const STEP = 5 * MINUTE
const LONG_STEP = 15 * MINUTE
const LONG_AFTER = 30 * MINUTE

/**
 * When to say again that something is awaited (epoch milliseconds): after a minute without news, then every 5 minutes, and
 * from half an hour on every 15. `saidAt` is when anything about it was printed last, at `silentSince` or later.
 */
export const nextHeartbeat = (silentSince: number, saidAt: number): number => {
  const silence = Math.max(0, saidAt - silentSince)
  if (silence < MINUTE) return silentSince + MINUTE
  const step = silence < LONG_AFTER ? STEP : LONG_STEP
  return silentSince + (Math.floor(silence / step) + 1) * step
}
