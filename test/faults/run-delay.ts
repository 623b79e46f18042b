import { readFileSync } from 'node:fs'

/**
 * Milliseconds that the main thread of a process was ready to run and waited for a core (proc(5), /proc/PID/schedstat, second
 * number), read from that file or a copy of it; 0 where there is none. A limit on how long the action takes leaves them out:
 * they say what else the machine does.
 */
export const runDelayMs = (file: string): number => {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[1] ?? 0) / 1e6
  } catch {
    return 0
  }
}

/** For `node --require`: leaves a copy of the process's own file, as it is at its end, at the path in SCHEDSTAT. */
export const METER = `process.on('exit', () => {
  const { readFileSync, writeFileSync } = require('fs')
  try {
    writeFileSync(process.env.SCHEDSTAT, readFileSync('/proc/self/schedstat'))
  } catch {}
})
`
