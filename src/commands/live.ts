import type { Live } from '../domain/live.js'
import type { World } from '../ports.js'
import { liveLine, liveNote } from '../report/live.js'

/** Logs what is live and, once in a run, why the load balancer was not asked. */
export const tellLive = (live: Live, world: World): void => {
  world.runner.info(liveLine(live))
  tellLiveNote(live, world)
}

/** For those who have logged what is live themselves. */
export const tellLiveNote = (live: Live, { runner }: World): void => {
  const note = liveNote(live)
  if (note !== undefined) runner.once(note)
}
