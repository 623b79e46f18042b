import type { AddressState } from '../domain/preview/address.js'
import type { Clock } from '../ports.js'
import type { AddressAnswer, Addresses } from '../preview-port.js'

const POLL_MS = 5_000
/** The longest health check that a target group allows takes 10 × 300 s; a usual one takes one or two minutes. */
const LONGEST_MS = 5 * 60_000
/** A connection that fails so often does not fail in passing. */
const MOST_PROBLEMS = 3

export interface AddressActs extends Addresses {
  clock: Clock
  signal: AbortSignal
  tell: (line: string) => void
}

/** Waits until an address answers: the load balancer sends nobody to instances before their health checks have passed. */
export const awaitAnswer = async (
  { address, balancer }: { address: string; balancer: string },
  { ask, resolves, clock, signal, tell }: AddressActs
): Promise<AddressState> => {
  const { hostname } = new URL(address)
  const start = clock.now()
  for (let problems = 0, told = false; ;) {
    const answer: AddressAnswer = await ask(address, balancer, signal)
    if ('problem' in answer) problems++
    else if (answer.status < 500)
      return { kind: 'answers', status: answer.status, unknownHost: !(await resolves(hostname)) }
    if ('problem' in answer && problems >= MOST_PROBLEMS) return { kind: 'silent', problem: answer.problem }
    if ('status' in answer && clock.now() - start > LONGEST_MS)
      return { kind: 'unhealthy', status: answer.status, minutes: LONGEST_MS / 60_000 }
    if (!told) tell(`Waiting until ${address} answers.`)
    told = true
    await clock.sleep(POLL_MS, signal)
  }
}
