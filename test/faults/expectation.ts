import type { FaultKind } from '../cloud/faults.js'

/** How often a fault occurs: in the first call, the first three, all calls, or all calls from the middle of the run on. */
export const TIMES = ['once', 'thrice', 'for ever', 'later on'] as const
export type Times = (typeof TIMES)[number]

export interface Cell {
  operation: string
  /** A fault of the cloud, or a host name that does not resolve. */
  kind: FaultKind | 'unknown-name'
  times: Times
}

export type Expected = 'survives' | 'fails at once' | 'fails'

/**
 * What a run can do without: a commit's subject, the load balancer's view, which the deployments replace, the group's record
 * and the manifests (GetObject), which a warning or a line replaces, and what the log says of a wait
 * or of a copied group.
 */
const OPTIONAL = new Set([
  ...['GetCommit', 'DescribeTargetGroups', 'DescribeTargetHealth', 'GetObject'],
  ...['DescribeScalingActivities', 'DescribeAutoScalingGroups', 'DecodeAuthorizationMessage'],
  ...['DescribeInstances', 'DescribeInstanceStatus', 'DescribeTargetGroupAttributes'],
  ...['DescribeAutoScalingInstances', 'DescribePolicies', 'DescribeScheduledActions'],
  ...['DescribeLifecycleHooks', 'DescribeNotificationConfigurations']
])

/** A rollback stores nothing but the record; after its bundle, a deploy stores nothing but the manifest. A check can miss any read. */
const isOptional = ({ operation, times, scene }: Cell & { scene: string }): boolean =>
  OPTIONAL.has(operation) ||
  (scene === 'check' && !FIRST.has(operation)) ||
  (operation === 'PutObject' && (scene === 'rollback' || (scene === 'deploy' && times === 'later on')))

/** Another run may store the same bundle: after a refusal because of the object's state, the action checks and retries. */
const STORING = new Set([
  ...['PutObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'],
  ...['CopyObject', 'UploadPartCopy']
])

/** Their answers have no body that could be truncated. */
const BODILESS = new Set(['HeadObject', 'PutObject', 'UploadPart', 'AbortMultipartUpload', 'DeleteObject'])

/** Writes whose repetition is refused because they were done; the action understands that refusal even without a message. */
const ANSWERED_TWICE = new Set([
  ...['CopyObject', 'CreateDeployment', 'ContinueDeployment', 'DeleteAutoScalingGroup']
])

/** Writes whose answer may be lost each time: reading shows that they were done. */
const FOUND_DONE = new Set(['CreateDeployment', 'DeleteAutoScalingGroup'])

/** CreateDeployment may be rejected more often, and the parts share the refusals. */
const SENT_OFTEN = new Set(['CreateDeployment', 'UploadPart', 'UploadPartCopy'])

/** The operations whose part S3 can lose. */
export const PARTS = new Set(['UploadPart', 'UploadPartCopy'])

/** Calls made before there are credentials to renew, or with those of an earlier step. */
const FIRST = new Set(['GetIDToken', 'AssumeRoleWithWebIdentity', 'GetCallerIdentity'])

/** Lost or throttled: retried until the time limit. */
const PASSING = new Set<Cell['kind']>([
  ...(['throttle', 'throttle-legacy', '500-json', '503-html', '503-empty', 'reset-before'] as const),
  ...(['reset-after', 'hang', 'truncate', 'slow-down', 'unknown-name'] as const)
])

/** How a run must end if one of its calls fails like this. */
export const expectedOf = (cell: Cell & { scene: string }): Expected => {
  const { operation, kind, times, scene } = cell
  if (isOptional(cell)) return 'survives'
  // A slow answer is not lost.
  if (kind === 'slow-drip') return 'survives'
  // S3 notices the missing part when the upload is completed; the upload then starts over.
  if (kind === 'lost-part') return PARTS.has(operation) && isEndless(times) ? 'fails' : 'survives'
  if (kind === 'throttle-legacy' && operation === 'GetIDToken') return 'fails at once'
  if (isDoneAllTheSame(operation, kind)) return 'survives'
  // If the stop cannot be sent, the rollback redeploys instead.
  if (operation === 'StopDeployment' && kind !== 'access-denied') return 'survives'
  if (PASSING.has(kind)) return isEndless(times) ? 'fails' : 'survives'
  // Every refusal has the service's time, which corrects the clock.
  if (kind === 'clock-skew') return 'survives'
  if (kind === 'expired-token') return ofExpiredToken(operation, times)
  if (kind === 'conflict-409' || kind === 'precondition-412') return ofConflict(operation, times)
  return isAllowedFor(operation, scene) ? 'survives' : 'fails at once'
}

/** If copying is denied, the bundle is sent; if HeadObject is denied, the bundle may still exist. */
const isAllowedFor = (operation: string, scene: string): boolean =>
  operation === 'CopyObject' ||
  operation === 'UploadPartCopy' ||
  (operation === 'HeadObject' && scene === 'rollback')

export const isEndless = (times: Times): boolean => times === 'for ever' || times === 'later on'

/** The work was done, and the next call finds that out. */
const isDoneAllTheSame = (operation: string, kind: Cell['kind']): boolean => {
  if (kind === 'truncate') return BODILESS.has(operation) || ANSWERED_TWICE.has(operation)
  return kind === 'reset-after' && FOUND_DONE.has(operation)
}

/** New credentials help at once or not at all: the third refusal in a row is final. */
const ofExpiredToken = (operation: string, times: Times): Expected => {
  if (FIRST.has(operation)) return 'fails at once'
  if (times === 'once' || (times === 'thrice' && SENT_OFTEN.has(operation))) return 'survives'
  return 'fails'
}

const ofConflict = (operation: string, times: Times): Expected => {
  if (STORING.has(operation)) return isEndless(times) ? 'fails' : 'survives'
  return 'fails at once'
}
