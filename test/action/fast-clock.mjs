// Loaded before dist/index.js (`--import`): the process lives in a world whose time passes faster, so that a minute of waiting is over
// in a second. FAST_CLOCK is `since,scale`: the moment (epoch milliseconds) from which on time has run `scale` times faster.
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'

const [since, scale] = (process.env.FAST_CLOCK ?? '').split(',').map(Number)
const [now, sleep] = [Date.now, timers.setTimeout]
Date.now = () => since + (now() - since) * scale
timers.setTimeout = (ms, ...rest) => sleep(ms / scale, ...rest)
syncBuiltinESMExports()
