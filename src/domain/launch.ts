/** One attempt of Auto Scaling to launch an instance (API: Activity). */
export interface LaunchAttempt {
  /** `Successful`, `Failed`, `Cancelled`, `InProgress`, … (API: ScalingActivityStatusCode). */
  status: string
  /** The service's words about it (StatusMessage); empty for one that did not fail. */
  message: string
  at?: Date | undefined
}

/** An instance of an Auto Scaling group (API: Instance). */
export interface GroupInstance {
  id: string
  /** `Pending`, `Pending:Wait` (held by a launch hook), `InService`, … (API: LifecycleState). */
  state: string
}

/** How far a group is. */
export interface GroupState {
  /** How many instances it is to have. */
  desired: number
  instances: readonly GroupInstance[]
}

/** What a refused call of Auto Scaling lacked (STS: DecodeAuthorizationMessage). */
export interface LaunchRefusal {
  principal: string
  action: string
  resource: string
}

/** Launches that fail for one cause. */
export interface LaunchFailure {
  group: string
  message: string
  count: number
  /** When the first of them failed. */
  since?: Date | undefined
  /** Undefined unless the message is encoded and could be decoded. */
  refusal?: LaunchRefusal | undefined
}

/** Why EC2 refused, in a form that only STS can read; it differs at every attempt. */
const ENCODED = /Encoded authorization failure message: *([\w-]{20,})/

/** The encoded part of a message, for DecodeAuthorizationMessage. */
export const encodedPart = (message: string): string | undefined => ENCODED.exec(message)?.[1]

/** A message as people read it: without the encoded part, which says nothing to them. */
export const readableMessage = (message: string): string =>
  message
    .replace(ENCODED, '')
    .replace(/ *Launching EC2 instance failed\.? *$/, '')
    .replace(/[\s.]+$/, '')

/** Failed launches as one failure for each cause; the oldest cause first. `failed` is in the service's order, the newest first. */
export const launchFailures = (group: string, failed: readonly LaunchAttempt[]): LaunchFailure[] => {
  const causes = new Map<string, LaunchFailure>()
  for (const { message, at } of [...failed].reverse()) {
    const cause = readableMessage(message)
    const known = causes.get(cause)
    causes.set(cause, {
      group,
      message,
      count: (known?.count ?? 0) + 1,
      since: known === undefined ? at : known.since
    })
  }
  return [...causes.values()]
}
