import type { Order } from './domain/order.js'
import type { DeploymentGroup } from './domain/group.js'
import type { Target } from './domain/event.js'
import type { Deployment, DeploymentFilter } from './domain/deployment.js'
import type { FleetTag } from './domain/fixed-fleet.js'
import type { ScalingGroups } from './copy-port.js'
import type { Health } from './domain/health.js'
import type { GroupState, LaunchAttempt, LaunchRefusal } from './domain/launch.js'
import type { Machine } from './domain/machine.js'
import type { AssumeRole, Credentials, Identity } from './domain/identity.js'
import type {
  BucketPlace,
  BundleStore,
  ObjectStore,
  RecordStore,
  ManifestPlace,
  ManifestStore
} from './storage-port.js'
import type { PreviewServices } from './preview-port.js'
import type { CheckReads } from './check-port.js'
import type { PullEvent } from './domain/pull-request.js'
import type { GitHub } from './github-port.js'
import type { CleanupService, CleanupStore } from './cleanup-port.js'
import type { SetupService } from './setup-port.js'
import type { Paint } from './report/style.js'

/** A step that tells people a time is given the zone to write it in. */
export type { Zone } from './report/times.js'

/** Everything outside that a run uses. The bootstrap builds the real one, tests build their own. */
export interface World {
  runner: Runner
  paint: Paint
  context: RunContext
  clock: Clock
  /** Called before much work on many files: prefers memory over speed. */
  keepHeapSmall: () => void
  /** Aborted when the job is canceled. */
  canceled: AbortSignal
  /** Aborted shortly before the runner kills a canceled job, to end what the cancel is still doing. */
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
  /** What other services know of the instances of a deployment. */
  fleetFacts: (region: string, identity: Identity, signal: AbortSignal) => Promise<FleetFacts>
  /** How Auto Scaling groups are set. */
  scalingGroups: (region: string, identity: Identity, signal: AbortSignal) => Promise<ScalingGroups>
  /** States of the alarms that a deployment group refers to. */
  alarmStates: (region: string, identity: Identity, signal: AbortSignal) => Promise<AlarmStates>
  /** What only `check` reads. */
  checkReads: (
    place: { region: string; expectedBucketOwner?: string | undefined },
    identity: Identity,
    signal: AbortSignal
  ) => Promise<CheckReads>
  /** Runs SSM documents on instances. */
  runCommand: (region: string, identity: Identity, signal: AbortSignal) => Promise<RunCommand>
  /** What instances wrote to their serial consoles. */
  consoleOutput: (region: string, identity: Identity, signal: AbortSignal) => Promise<ConsoleOutput>
  /** What makes and changes a deployment group. */
  setup: (region: string, identity: Identity) => Promise<SetupService>
  /** What makes and takes down environments of previews. */
  previews: (region: string, identity: Identity, signal: AbortSignal) => Promise<PreviewServices>
  /** What finds and deletes fleets that deployments left behind. */
  cleanup: (region: string, identity: Identity) => Promise<CleanupService>
  /** What finds and deletes bundles and uploads that nothing needs. */
  cleanupStore: (place: BucketPlace, identity: Identity) => Promise<CleanupStore>
  store: (place: BucketPlace, identity: Identity) => Promise<BundleStore>
  /** The record of a group. */
  records: (place: BucketPlace, key: string, identity: Identity) => Promise<RecordStore>
  /** What is in the bundles that are stored. */
  manifests: (place: ManifestPlace, identity: Identity) => Promise<ManifestStore>
  /** Where bundles are stored. */
  objects: (place: BucketPlace, identity: Identity) => Promise<ObjectStore>
  commitSubject: (commit: string) => Promise<string>
  /** When GitHub created this run, in epoch milliseconds; undefined when it cannot be found out. */
  runCreatedAt: () => Promise<number | undefined>
  /**
   * GitHub for this run's repository, a new connection each time; undefined outside of a workflow or without a token. Its calls
   * end when the signal is aborted: `canceled`, unless `lastMoment` is given for what a cancel itself must tell.
   */
  github: (signal?: AbortSignal) => Promise<GitHub | undefined>
}

/** Time, passed to everything that waits, so that nine hours pass in a moment in a test. */
export interface Clock {
  /** Epoch milliseconds. */
  now: () => number
  /** Resolves after `ms`; rejects with the signal's reason at once when it is aborted. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

/** How something at the service is read again and again until it has happened. */
export interface Polling {
  clock: Clock
  /** Aborted when the job is canceled: ends every pause at once. */
  signal: AbortSignal
  /** Epoch milliseconds. After this, nobody waits any longer, and what runs at the service is left alone. */
  deadline: number
  /** Milliseconds between two looks while something happens. */
  pollMs: number
}

/** CodeDeploy as the steps use it: nouns in, nouns out. Reads are retried; create is sent once. */
export interface CodeDeploy {
  group(application: string, name: string): Promise<DeploymentGroup>
  deployment(id: string): Promise<Deployment>
  /** Ids in no reliable order (docs/service.md, captures 8). `isEnough` is asked while there are more pages, and ends the list early. */
  deploymentIds(filter: DeploymentFilter, isEnough?: (found: readonly string[]) => boolean): Promise<string[]>
  deployments(ids: readonly string[]): Promise<Deployment[]>
  /** Empty while the deployment has no targets yet. */
  targetIds(deploymentId: string): Promise<string[]>
  /** One call for each 25 ids; a target that has vanished is left out. */
  targets(deploymentId: string, ids: readonly string[]): Promise<Target[]>
  /** Sent once: after a lost answer, look for the deployment instead of sending again. */
  create(order: Order): Promise<string>
  stop(id: string, rollback: boolean): Promise<{ pending: boolean; message: string }>
  /** Ends the wait before the traffic moves, or the one before blue is terminated. */
  endWait(id: string, wait: 'READY_WAIT' | 'TERMINATION_WAIT'): Promise<void>
}

/**
 * The runner, and the only way to print anything: all text is made harmless here, so that no caller can forget it. Masks and
 * outputs pass unchanged, since the runner treats them as values; a summary is Markdown, which its authors escape
 * (report/escape.ts).
 */
export interface Runner {
  read: (name: string) => string
  /** One line: a line break in it is shown as `↵`. */
  info: (line: string) => void
  /** One line that a run writes only once, however often there is a reason for it. */
  once: (line: string) => void
  group: (title: string) => void
  endGroup: () => void
  /** An annotation on the run's page and, with a file, on that file. It may have several lines. */
  annotate: (level: 'error' | 'warning' | 'notice', message: string, place?: AnnotationPlace) => void
  /** Written only with debug logging. */
  debug: (line: string) => void
  mask: (secret: string) => void
  /** The text without what was masked: text that is cut later, in which the runner would not find half a secret. */
  hide: (text: string) => string
  output: (name: string, value: string) => void
  summary: (markdown: string) => Promise<void>
  fail: (message: string) => void
}

export interface AnnotationPlace {
  file?: string | undefined
  line?: number | undefined
  column?: number | undefined
  title?: string
}

/** What the workflow run says about itself. */
export interface RunContext {
  /** `owner/name`; empty outside of a workflow. */
  repository: string
  serverUrl: string
  apiUrl: string
  /** The commit to deploy unless the input names another: the pull request's head, else GITHUB_SHA. */
  commit: string
  /** The first line of that commit's message, when the event carries it. */
  subject: string
  runId: string
  /** When the event that started this run happened, in epoch milliseconds, if it says so. */
  createdAt?: number | undefined
  /** The event's name; empty outside of a workflow. */
  event: string
  /** `owner/name/.github/workflows/file.yml@ref` of the workflow that was started, not of a reusable one that it calls. */
  workflowRef: string
  attempt: string
  actor: string
  workspace: string
  /** True for a pull request from another repository: it gets no OIDC token and no secrets. */
  fromFork: boolean
  /** The pull request that the run is about. */
  pull?: PullEvent | undefined
  /** GITHUB_SHA; for a pull request its test merge. */
  eventCommit: string
  /** The commit that the workspace has checked out; undefined without a `.git` that says so. */
  checkedOut: () => string | undefined
  /** Whether a path, relative to the workspace, is a file of that commit, as far as Git says. */
  tracks: (path: string) => boolean
  /** GitHub's own machines end every job after six hours. */
  hosted: boolean
  /** What could not be read of the event; reported with the mistakes in the inputs. */
  mistakes: string[]
}

/** The two calls of identification, and the credentials that a job may already have. */
export interface Sts {
  assumeRole: (request: AssumeRole) => Promise<Credentials>
  ambient: () => Promise<Credentials>
  account: (credentials: Credentials) => Promise<string>
  /** Epoch milliseconds by the clock of STS once it has answered: credentials expire by that clock, not this machine's. */
  now: () => number
}

/** Health of each registered instance, by the names of the target groups (docs/service.md, reference 2.7). */
export type TargetHealth = (targetGroups: readonly string[]) => Promise<Health[]>

/**
 * What Auto Scaling, EC2, STS and Elastic Load Balancing know of the instances of a deployment. Every call needs a right that is
 * optional, and is retried for a few seconds only.
 */
export interface FleetFacts {
  /** The newest first, at most 50. */
  launches(group: string): Promise<LaunchAttempt[]>
  /** Undefined if there is no such group (yet). */
  group(name: string): Promise<GroupState | undefined>
  /** What the encoded part of a refusal says. */
  refusal(encoded: string): Promise<LaunchRefusal>
  /** The running instances that have all these tags. */
  tagged(tags: readonly FleetTag[]): Promise<string[]>
  /** Instances that EC2 does not know (any more) are left out. */
  machines(ids: readonly string[]): Promise<Machine[]>
  /** The longest deregistration delay of these target groups, in seconds. */
  drainSeconds(targetGroups: readonly string[]): Promise<number>
}

/** States of CloudWatch alarms, by their names: `OK`, `ALARM` or `INSUFFICIENT_DATA`; an alarm that does not exist is left out. */
export type AlarmStates = (names: readonly string[]) => Promise<{ name: string; state: string }[]>

/** SSM's Run Command, for one instance at a time. */
export interface RunCommand {
  /** Sends a document, and returns the id of the command. */
  send: (document: string, instanceId: string, parameters: Record<string, string>) => Promise<string>
  /** How it goes on the instance; undefined while the service does not show it yet (docs/service.md, reference 2.8). */
  invocation: (commandId: string, instanceId: string) => Promise<CommandInvocation | undefined>
}

export interface CommandInvocation {
  /** `Pending`, `InProgress`, `Delayed`, `Success`, `Failed`, `TimedOut`, `Cancelling` or `Cancelled` (API: GetCommandInvocation). */
  status: string
  /** More about the status, such as `Undeliverable`. */
  detail: string
  /** At most 24,000 characters. */
  output: string
}

/** The serial console of an instance, at most its last 64 KB; undefined while EC2 has none. */
export type ConsoleOutput = (instanceId: string) => Promise<string | undefined>
