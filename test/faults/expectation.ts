import type { FaultKind } from '../cloud/faults.js'

/** How often a fault comes: the first call, the first three, all of them, or all from the middle of the run on. */
export const TIMES = ['once', 'thrice', 'for ever', 'later on'] as const
export type Times = (typeof TIMES)[number]

export interface Cell {
  operation: string
  /** A fault of the cloud, or a host name that nobody knows. */
  kind: FaultKind | 'unknown-name'
  times: Times
}

export type Expected = 'survives' | 'fails at once' | 'fails'

/** What a run can do without: the subject of a commit, and the load balancer's view, which the deployments stand in for. */
const OPTIONAL = new Set(['GetCommit', 'DescribeTargetGroups', 'DescribeTargetHealth'])

/** Storing a bundle meets others that store the same: a refusal by state is looked into, and tried again some times. */
const STORING = new Set([
  ...['PutObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'],
  ...['CopyObject', 'UploadPartCopy']
])

/** Their answers have no body that could break off. */
const BODILESS = new Set(['HeadObject', 'PutObject', 'UploadPart', 'AbortMultipartUpload'])

/** Writes that, asked for again, are refused because they were done, and that refusal is understood even without its words. */
const ANSWERED_TWICE = new Set(['CopyObject', 'CreateDeployment', 'ContinueDeployment'])

/** An order may be put off more often, and parts share the refusals among them. */
const SENT_OFTEN = new Set(['CreateDeployment', 'UploadPart', 'UploadPartCopy'])

/** What a lost part is lost of. */
export const PARTS = new Set(['UploadPart', 'UploadPartCopy'])

/** Before there are credentials that could be renewed, or with those that an earlier step set. */
const FIRST = new Set(['GetIDToken', 'AssumeRoleWithWebIdentity', 'GetCallerIdentity'])

/** Lost or put off: asked again while patience lasts. */
const PASSING = new Set<Cell['kind']>([
  ...(['throttle', 'throttle-legacy', '500-json', '503-html', '503-empty', 'reset-before'] as const),
  ...(['reset-after', 'hang', 'truncate', 'slow-down', 'unknown-name'] as const)
])

/** What a run must come to when one of its calls fails so. */
export const expectedOf = ({ operation, kind, times, scene }: Cell & { scene: string }): Expected => {
  if (OPTIONAL.has(operation)) return 'survives'
  // Slow is not lost. A wrong clock is corrected by the service's own, which every refusal carries.
  if (kind === 'slow-drip') return 'survives'
  // S3 misses it when the upload is finished, which is begun again then.
  if (kind === 'lost-part') return PARTS.has(operation) && isEndless(times) ? 'fails' : 'survives'
  if (kind === 'throttle-legacy' && operation === 'GetIDToken') return 'fails at once'
  if (isDoneAllTheSame(operation, kind)) return 'survives'
  // A stop that cannot be sent leaves the longer way.
  if (operation === 'StopDeployment' && kind !== 'access-denied') return 'survives'
  if (PASSING.has(kind)) return isEndless(times) ? 'fails' : 'survives'
  if (kind === 'clock-skew') return 'survives'
  if (kind === 'expired-token') return ofExpiredToken(operation, times)
  if (kind === 'conflict-409' || kind === 'precondition-412') return ofConflict(operation, times)
  return isAllowedFor(operation, scene) ? 'survives' : 'fails at once'
}

/** What may not be copied is sent; what may not be looked at may be there all the same. */
const isAllowedFor = (operation: string, scene: string): boolean =>
  operation === 'CopyObject' ||
  operation === 'UploadPartCopy' ||
  (operation === 'HeadObject' && scene === 'rollback')

export const isEndless = (times: Times): boolean => times === 'for ever' || times === 'later on'

/** The work was done, and the next look finds it. */
const isDoneAllTheSame = (operation: string, kind: Cell['kind']): boolean => {
  if (kind === 'truncate') return BODILESS.has(operation) || ANSWERED_TWICE.has(operation)
  return kind === 'reset-after' && operation === 'CreateDeployment'
}

/** New credentials cure it at once or not at all: the third refusal in a row is final. */
const ofExpiredToken = (operation: string, times: Times): Expected => {
  if (FIRST.has(operation)) return 'fails at once'
  if (times === 'once' || (times === 'thrice' && SENT_OFTEN.has(operation))) return 'survives'
  return 'fails'
}

const ofConflict = (operation: string, times: Times): Expected => {
  if (STORING.has(operation)) return isEndless(times) ? 'fails' : 'survives'
  return 'fails at once'
}
