import { ServiceError } from './contract.js'
import type { Protocol } from './wire/call.js'

/** Every fault that a call can be given. */
export const FAULT_KINDS = [
  'throttle',
  'throttle-legacy',
  '500-json',
  '503-html',
  '503-empty',
  'reset-before',
  'reset-after',
  'hang',
  'slow-drip',
  'truncate',
  'expired-token',
  'clock-skew',
  'access-denied',
  'slow-down',
  'conflict-409',
  'precondition-412',
  'lost-part'
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** One planned fault: which calls, what happens, how often, and after how many successful calls. */
export interface Fault {
  /** Name of an operation, or `*` for all. */
  operation: string
  kind: FaultKind
  /** How many more calls fail; Infinity for `forever`. */
  left: number
  /** How many calls succeed before the first one fails. */
  skip: number
}

const FORM = /^([A-Za-z0-9]+|\*):([a-z0-9-]+)(?::(\d+|forever))?(?::(\d+))?$/

const isKind = (text: string): text is FaultKind => (FAULT_KINDS as readonly string[]).includes(text)

/**
 * Reads `OPERATION:KIND[:TIMES[:AFTER]]`, for example `PutObject:throttle:2` or `GetDeployment:503-html:forever:3`.
 * Throws an Error that names what is wrong.
 */
export const parseFault = (spec: string): Fault => {
  const [, operation = '', kind = '', times = '1', after = '0'] = FORM.exec(spec) ?? []
  if (operation === '') throw new Error(`fault "${spec}" is not OPERATION:KIND[:TIMES[:AFTER]]`)
  if (!isKind(kind)) throw new Error(`fault "${spec}": kind "${kind}" is none of ${FAULT_KINDS.join(', ')}`)
  return { operation, kind, left: times === 'forever' ? Infinity : Number(times), skip: Number(after) }
}

/** The faults planned for a running cloud. */
export interface Faults {
  /** Adds a fault by its spec. */
  add(spec: string): void
  clear(): void
  list(): readonly Fault[]
  /** The fault of this call; reading it uses it up. */
  take(operation: string): FaultKind | undefined
  /** A service has one clock: if it is permanently off, it is off for every call, not only for the one that showed it. */
  isClockOff(): boolean
}

export const createFaults = (specs: readonly string[] = []): Faults => {
  let planned: Fault[] = specs.map(parseFault)
  const due = (fault: Fault): boolean => {
    if (fault.skip === 0) return true
    fault.skip -= 1
    return false
  }
  return {
    add: (spec) => void planned.push(parseFault(spec)),
    clear: () => void (planned = []),
    list: () => planned,
    isClockOff: () =>
      planned.some(({ kind, left, skip }) => kind === 'clock-skew' && left === Infinity && skip === 0),
    take: (operation) => {
      const fault = planned.find(
        (one) => one.left > 0 && (one.operation === '*' || one.operation === operation) && due(one)
      )
      if (fault !== undefined) fault.left -= 1
      return fault?.kind
    }
  }
}

/** How far the service's clock is off under `clock-skew`, in milliseconds. */
export const SKEW = 3_600_000

/**
 * The refusals that come from the service itself, by fault: code, message, HTTP status. S3, STS and GitHub have their own
 * names.
 */
type Words = Partial<Record<FaultKind, readonly [code: string, message: string, status: number]>>

const INTERNAL = 'We encountered an internal error. Please try again.'
const SLOW_DOWN = ['SlowDown', 'Please reduce your request rate.', 503] as const

const json: Words = {
  throttle: ['ThrottlingException', 'Rate exceeded', 400],
  'throttle-legacy': ['Throttling', 'Rate exceeded', 400],
  '500-json': ['InternalFailure', INTERNAL, 500],
  'expired-token': ['ExpiredTokenException', 'The security token included in the request is expired', 400],
  'access-denied': ['AccessDeniedException', 'User is not authorized to perform this operation', 400],
  'slow-down': SLOW_DOWN,
  'conflict-409': ['ConflictException', 'Another operation on this resource is under way.', 409],
  'precondition-412': ['PreconditionFailedException', 'A precondition did not hold.', 412]
}

const query: Words = {
  ...json,
  throttle: ['Throttling', 'Rate exceeded', 400],
  'expired-token': ['ExpiredToken', 'The security token included in the request is expired', 403],
  'access-denied': ['AccessDenied', 'User is not authorized to perform this operation', 403]
}

const s3: Words = {
  throttle: SLOW_DOWN,
  'throttle-legacy': SLOW_DOWN,
  'slow-down': SLOW_DOWN,
  '500-json': ['InternalError', INTERNAL, 500],
  'expired-token': ['ExpiredToken', 'The provided token has expired.', 400],
  'access-denied': ['AccessDenied', 'Access Denied', 403],
  'conflict-409': [
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    409
  ],
  'precondition-412': [
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412
  ]
}

const github: Words = {
  throttle: ['TooManyRequests', 'You have exceeded a secondary rate limit.', 429],
  'throttle-legacy': ['TooManyRequests', 'API rate limit exceeded.', 403],
  '500-json': ['ServerError', 'Server Error', 500],
  'expired-token': ['Unauthorized', 'Bad credentials', 401],
  'access-denied': ['Forbidden', 'Resource not accessible by integration', 403],
  'slow-down': ['TooManyRequests', 'You have exceeded a secondary rate limit.', 429],
  'conflict-409': ['Conflict', 'Conflict', 409],
  'precondition-412': ['PreconditionFailed', 'Precondition Failed', 412]
}

const words: Record<Protocol, Words> = { json, cbor: json, query, ec2: query, s3, github, cloud: {} }

/** The refusal for a fault, if it is one that comes from the service itself. */
export const faultRefusal = (kind: FaultKind, protocol: Protocol): ServiceError | undefined => {
  const found = words[protocol][kind]
  return found === undefined ? undefined : new ServiceError(...found)
}
