/**
 * The interfaces between the parts of the local cloud. Control planes (codedeploy/, autoscaling/, loadbalancing/), the wire
 * (wire/, s3/, identity/) and the machines (machines/) only know each other through these types.
 */

/** The cloud's time. Waits of the service's minutes and seconds are scaled; timestamps are `now()`, waits are measured by `passed()`. */
export interface CloudClock {
  /** Epoch milliseconds: real time in a running cloud, virtual time in a test that advances it. */
  now(): number
  /**
   * Milliseconds of service time since the clock was made: with a time scale of 60, a minute later after a second. Whoever waits
   * until something is due measures by this one, since `now()` is not scaled.
   */
  passed(): number
  /** Resolves after `ms` of service time (with a time scale of 60, a minute lasts one second); rejects on abort. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A call as a control plane gets it, once the wire has parsed, authenticated and authorized it. */
export interface Caller {
  /** `arn:aws:sts::…:assumed-role/…`, or the administrator's ARN. */
  arn: string
  accountId: string
}

/** A typed refusal; the wire turns it into an error of the caller's protocol. */
export class ServiceError extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/**
 * A service with the JSON 1.1 protocol: operation name → handler. Inputs and outputs have the modelled shapes; times are epoch
 * seconds.
 */
export type JsonOperations = Record<string, (input: Record<string, unknown>, caller: Caller) => unknown>

/**
 * A service with the query protocol (form in, XML out). The input is the form as nested objects and arrays (`a.member.1.b`);
 * the answer becomes `<OpResponse><OpResult>…`, with arrays as `<member>`.
 */
export type QueryOperations = Record<string, (input: Record<string, unknown>, caller: Caller) => unknown>

/** S3 as the machines and CodeDeploy use it, without the network. */
export interface ObjectStore {
  /** An object's metadata (the latest version by default), or undefined if it does not exist. */
  head(
    bucket: string,
    key: string,
    version?: string
  ): { etag: string; versionId?: string; size: number } | undefined
  /** Path of a file with the object's bytes. Throws ServiceError NoSuchKey, NoSuchBucket or NoSuchVersion. */
  file(bucket: string, key: string, version?: string): string
}

/** The service's command to an agent: one lifecycle event of one deployment. */
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

/** The agent's answer (API: Diagnostics). `errorCode` is `Success` or another value of the API. */
export interface AgentResult {
  errorCode: string
  scriptName: string
  message: string
  logTail: string
}

/** One server. A `real` machine is a folder and processes; a `scripted` one answers from a table and runs nothing. */
export interface Machine {
  id: string
  /** Resolves when the operating system and the agent have started. */
  booted: Promise<void>
  /** Where this machine's application listens. */
  address: { host: string; port: number }
  /** Runs one lifecycle event to its end. A failing script does not make it reject; it rejects only if the agent is gone. */
  run(command: AgentCommand, signal?: AbortSignal): Promise<AgentResult>
  /** False if the agent does not answer, because a test switched it off or the machine is dead. */
  agentAlive: boolean
  /** Runs a shell script as root, as the SSM agent does; undefined for a machine without one. Rejects if the machine goes. */
  shell?: ((script: string, signal: AbortSignal) => Promise<ShellResult>) | undefined
  /** What the machine wrote to its serial console so far. */
  console?(): string
  terminate(): Promise<void>
}

export interface ShellResult {
  code: number
  stdout: string
  stderr: string
}

/** Creates machines; the only difference between a fleet that really runs and a scripted one. */
export interface Machines {
  launch(order: {
    instanceId: string
    autoScalingGroup?: string
    tags: Record<string, string>
    /** Of a group that CodeDeploy copied or a call made, not of the seed. */
    isNew?: boolean
  }): Machine
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

/** The data plane of one target group: real targets in a running cloud, a table in a scripted one. */
export interface TargetGroupPlane {
  register(machine: Machine): void
  /** Stops new requests at once; resolves when open requests have ended or the delay has passed. */
  deregister(machineId: string, delaySeconds: number): Promise<void>
  health(): { machineId: string; state: TargetHealthState; reason?: string; description?: string }[]
  close(): Promise<void>
}

/** A request at a listener, as the conditions of its rules see it. */
export interface Visit {
  method: string
  /** The Host header without its port, in lower case. */
  host: string
  /** The path without the query. */
  path: string
  /** Keys and values of the query, decoded, in order. */
  query: readonly (readonly [string, string])[]
  /** By lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** The address that the request came from. */
  source: string
}

/** What a listener does with a request. */
export type Reply =
  | { type: 'forward'; group: TargetGroupPlane }
  | { type: 'fixed-response'; status: number; contentType: string; body: string }
  | { type: 'redirect'; status: number; location: string }

/** A listener that answers at its `url`: a port of its own in a running cloud, a name in a scripted one. */
export interface ListenerPlane {
  url: string
  close(): Promise<void>
}

export interface LoadBalancing {
  /** The targets of one group; no request comes to them until a listener forwards it. */
  group(check: HealthCheck): TargetGroupPlane
  /** Opens a listener; `reply` decides about every request. */
  listen(name: string, reply: (visit: Visit) => Reply): Promise<ListenerPlane>
}

export { defaultSwitches, type NewFleet, type Switches } from './switches.js'
