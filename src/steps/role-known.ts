import { factsOf } from '../domain/fault.js'
import type { Clock } from '../ports.js'

/** A role that was just created is unknown to CodeDeploy for about ten seconds (docs/service.md, reference 2.6). */
const ROLE_PAUSE_MS = 5_000
const ROLE_LONGEST_MS = 60_000

export const onceTheRoleIsKnown = async <T>(
  { clock, signal, tell }: { clock: Clock; signal: AbortSignal; tell: (line: string) => void },
  send: () => Promise<T>
): Promise<T> => {
  let told = false
  for (const end = clock.now() + ROLE_LONGEST_MS; ;) {
    try {
      return await send()
    } catch (error) {
      if (factsOf(error).name !== 'InvalidRoleException' || clock.now() > end) throw error
      if (!told)
        tell(
          'CodeDeploy cannot use the service role yet. A new role takes a few seconds; waiting up to a minute.'
        )
      told = true
      await clock.sleep(ROLE_PAUSE_MS, signal)
    }
  }
}
