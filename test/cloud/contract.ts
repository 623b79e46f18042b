/**
 * The seams of the local cloud: what its parts know of one another. Control planes (codedeploy/, autoscaling/,
 * loadbalancing/), the wire (wire/, s3/, sts/), and the machines (machines/) meet only here.
 */

/** Time as the cloud sees it. `minutes` and `seconds` of the service pass through `scaled` waits; timestamps are `now()`. */
export interface CloudClock {
  /** Epoch milliseconds: wall-clock time in a running cloud, handed-in time in a test that steps it. */
  now(): number
  /** Resolves after `ms` of service time (a time scale of 60 makes a minute last one second), or rejects on abort. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** One call as a control plane sees it, after the wire has parsed, authenticated and authorized it. */
export interface Caller {
  /** `arn:aws:sts::…:assumed-role/…` or the administrator's ARN. */
  arn: string
  accountId: string
}

/** A typed refusal: the wire turns it into the protocol's own error shape. */
export class ServiceError extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** A service of the JSON 1.1 protocol: operation name → handler. Input and output are the modelled shapes; times are epoch seconds. */
export type JsonOperations = Record<string, (input: Record<string, unknown>, caller: Caller) => unknown>

/** A service of the query protocol (form in, XML out). Input: nested objects and arrays as the form's `a.member.1.b` says; the answer is rendered as `<OpResponse><OpResult>…`; arrays as `<member>`. */
export type QueryOperations = Record<string, (input: Record<string, unknown>, caller: Caller) => unknown>

/** S3 as the machines and CodeDeploy see it, without the wire. */
export interface ObjectStore {
  /** Metadata of an object (latest version unless named), or undefined when there is none. */
  head(
    bucket: string,
    key: string,
    version?: string
  ): { etag: string; versionId?: string; size: number } | undefined
  /** Path of a file that holds the object's bytes. Throws ServiceError NoSuchKey/NoSuchBucket/NoSuchVersion. */
  file(bucket: string, key: string, version?: string): string
}

/** What the service tells an agent to do: one lifecycle event of one deployment. */
export interface AgentCommand {
  event: string
  deploymentId: string
  deploymentGroupId: string
  deploymentGroupName: string
  applicationName: string
  deploymentType: 'BLUE_GREEN' | 'IN_PLACE'
  deploymentCreator: string
  revision: { bucket: string; key: string; version?: string; etag?: string; bundleType: string }
  fileExistsBehavior: string
}

/** What comes back of it (API: Diagnostics). `errorCode` is `Success` or one of the API's words. */
export interface AgentResult {
  errorCode: string
  scriptName: string
  message: string
  logTail: string
}

/** One server. `real` machines are a folder and processes; `scripted` ones answer from a table and run nothing. */
export interface Machine {
  id: string
  /** Resolves when the operating system and the agent are up. */
  booted: Promise<void>
  /** Where the application of this machine listens. */
  address: { host: string; port: number }
  /** Runs one lifecycle event to its end. Never rejects for a failing script; rejects only if the agent is gone. */
  run(command: AgentCommand, signal?: AbortSignal): Promise<AgentResult>
  /** False when the agent does not answer (a switch of a test, or the machine is dead). */
  agentAlive: boolean
  terminate(): Promise<void>
}

/** Makes machines; the only thing that differs between a fleet that really runs and a scripted one. */
export interface Machines {
  launch(order: { instanceId: string; autoScalingGroup?: string; tags: Record<string, string> }): Machine
}

export type TargetHealthState = 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused'

export interface HealthCheck {
  path: string
  intervalSeconds: number
  timeoutSeconds: number
  healthyThreshold: number
  unhealthyThreshold: number
  matcher: string
}

/** The data plane of one target group: a real HTTP proxy in the running cloud, a table in a scripted one. */
export interface TargetGroupPlane {
  register(machine: Machine): void
  /** Stops new requests at once; resolves when open requests are done or the delay is over. */
  deregister(machineId: string, delaySeconds: number): Promise<void>
  health(): { machineId: string; state: TargetHealthState; reason?: string }[]
  close(): Promise<void>
}

export interface LoadBalancing {
  /** One proxy (listener) for one target group; `url` is where visitors come in. */
  open(targetGroupName: string, check: HealthCheck): Promise<{ plane: TargetGroupPlane; url: string }>
}

/**
 * What nobody has seen on live AWS (reference: UNCONFIRMED, captures: ?) is a switch. The first value named is the
 * default; tests run the action under every position.
 */
export interface Switches {
  /** Where blue targets show up in ListDeploymentTargets. */
  blueTargetsAppear: 'at-traffic' | 'from-start'
  /** Whether blue's events wait for all green ones, or run interleaved. */
  trafficOrder: 'barrier' | 'interleaved'
  /** ListDeploymentTargets before any target exists. */
  notStarted: 'exception' | 'empty-list'
  /** Whether `Ready` shows for a moment with CONTINUE_DEPLOYMENT. */
  readyBlink: 'never' | 'once'
  /** instanceTerminationWaitTimeStarted during the wait. */
  terminationFlag: 'true' | 'stays-false'
  /** StopDeployment while the traffic moves. */
  stopWhileShifting: 'rollback' | 'refused' | 'succeeds-anyway' | 'no-rollback'
  /** StopDeployment with rollback in the termination wait. */
  stopInTerminationWait: 'rollback' | 'refused' | 'succeeds-anyway' | 'no-rollback'
  /** `revision` of the service's own rollback while blue lives: the last successful one, or that of the fleet which gets the traffic. */
  rollbackRevision: 'last-successful' | 'former'
  /** The Auto Scaling group that a group refers to after a stop in the termination wait that brings nothing back. */
  stopInWaitRefersTo: 'green' | 'blue'
  /** Whether blue instances count in deploymentOverview. */
  overviewCountsBlue: 'no' | 'yes'
  /** Whether an `autoscaling` deployment locks the group. */
  autoscalingLocks: 'no' | 'yes'
  /** When GetDeployment names the green group. */
  greenGroupNamed: 'when-made' | 'at-the-end'
  /** `revision` of a deployment with deploymentMode RESTART, for which none may be given: absent, or the one that it restarts. */
  restartRevision: 'absent' | 'restarted'
  /** Form of the OIDC token's sub. */
  subject: 'names' | 'names-and-ids'
}

export const defaultSwitches: Switches = {
  blueTargetsAppear: 'at-traffic',
  trafficOrder: 'barrier',
  notStarted: 'exception',
  readyBlink: 'never',
  terminationFlag: 'true',
  stopWhileShifting: 'rollback',
  stopInTerminationWait: 'rollback',
  rollbackRevision: 'last-successful',
  stopInWaitRefersTo: 'green',
  overviewCountsBlue: 'no',
  autoscalingLocks: 'no',
  greenGroupNamed: 'when-made',
  restartRevision: 'absent',
  subject: 'names'
}
