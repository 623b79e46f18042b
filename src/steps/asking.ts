import type { Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { isDenied } from '../domain/fault.js'
import type { Hopeless, Reason, WaitFacts } from '../domain/reason.js'
import type { Clock, CodeDeploy, FleetFacts, TargetHealth } from '../ports.js'

/** Who may know why a deployment waits. */
export interface ReasonSources {
  health: TargetHealth
  fleets: FleetFacts
  service: Pick<CodeDeploy, 'targetIds' | 'targets'>
}

/** What is known of a deployment before its waits begin. */
export interface Waits {
  clock: Clock
  targetGroups: readonly string[]
  /** Milliseconds after which a deployment without hope counts as hopeless; infinite if it is never stopped. */
  stopAfterMs: number
  /** How long the scripts of an event may run, in seconds, by the AppSpec of the bundle. */
  limits?: ReadonlyMap<string, number> | undefined
  /** The last deployment that succeeded, whose events show how long they usually take. */
  lastSuccessful?: string | undefined
}

/** One look at a deployment. */
export interface Look {
  deployment: Deployment
  targets: readonly Target[]
}

/** What one of the sources knows at a look. */
export type Asker = (look: Look) => {
  reasons?: Reason[]
  facts?: WaitFacts
  /** The refusal of a question that its right is missing for. */
  denied?: unknown
  hopeless?: Hopeless | undefined
}

/** One question that is asked again and again beside a wait, which it never holds up. */
export interface Asking<A> {
  /** Asks unless it is too early, the last answer is still to come, or the right is missing. */
  ask: (question: () => Promise<A>) => void
  /** The last answer; undefined if there is none, or if the last question failed. */
  answer: () => A | undefined
  /** The refusal, once the right is known to be missing: nothing is asked again. */
  denied: () => unknown
}

/** However often it fails, a question is asked again after this. */
const LONGEST_PAUSE_MS = 120_000

/** Asks at most every `everyMs`; after a failure, which is often throttling, half as often each time. */
export const asking = <A>(everyMs: number, clock: Clock): Asking<A> => {
  let answer: A | undefined
  let denied: unknown
  let pause = everyMs
  let nextAt = Number.NEGATIVE_INFINITY
  let isAsking = false
  const run = async (question: () => Promise<A>): Promise<void> => {
    isAsking = true
    nextAt = clock.now() + pause
    try {
      answer = await question()
      pause = everyMs
    } catch (error) {
      answer = undefined
      if (isDenied(error)) denied = error
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      nextAt = Math.max(nextAt, clock.now() + pause)
    }
    isAsking = false
  }
  return {
    ask: (question) => {
      if (!isAsking && denied === undefined && clock.now() >= nextAt) void run(question)
    },
    answer: () => answer,
    denied: () => denied
  }
}
