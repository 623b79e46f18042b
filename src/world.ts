import type { Place } from './edge/aws.js'
import type { RunContext } from './edge/context.js'
import type { Clock } from './edge/clock.js'
import type { CodeDeploy } from './edge/codedeploy.js'
import type { Runner } from './edge/runner.js'
import type { Sts } from './edge/sts.js'
import type { Identity } from './domain/identity.js'
import type { Paint } from './report/color.js'
import type { TargetHealth } from './steps/live.js'
import type { BundleStore } from './steps/locate.js'
import type { ObjectStore } from './upload/object-store.js'

/** The outside, as a run is given it; the door builds the real one, a test its own. */
export interface World {
  runner: Runner
  paint: Paint
  context: RunContext
  clock: Clock
  /** Before much work on many files: memory before speed. */
  keepHeapSmall: () => void
  /** Before many bytes are sent: cores for them, not for code that runs once. */
  compileLess: () => void
  /** Aborted when the job is canceled. */
  canceled: AbortSignal
  /** Aborted shortly before the runner kills a canceled job: what a cancel still does ends with it. */
  lastMoment: AbortSignal
  /** Epoch milliseconds at which the process started. */
  startedAt: number
  /** GitHub's OIDC token for this audience, a new one each time; undefined when the job may not ask for one. */
  requestToken: ((audience: string) => Promise<string>) | undefined
  sts: (region: string) => Promise<Sts>
  /** Calls end when the signal is aborted: `canceled`, or `lastMoment` for what a cancel itself needs. */
  codeDeploy: (region: string, identity: Identity, signal: AbortSignal) => Promise<CodeDeploy>
  /** Health of the instances behind the target groups. */
  targetHealth: (region: string, identity: Identity, signal: AbortSignal) => Promise<TargetHealth>
  store: (place: Place, identity: Identity) => Promise<BundleStore>
  /** Where bundles are stored. */
  objects: (place: Place, identity: Identity) => Promise<ObjectStore>
  commitSubject: (commit: string) => Promise<string>
}
