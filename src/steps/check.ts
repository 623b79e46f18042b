import type { CheckReads } from '../check-port.js'
import type { CheckedFleet, CheckedGroup, CheckedTemplate } from '../domain/check/facts.js'
import { type CheckFinding, dependent, judged, type Reading } from '../domain/check/finding.js'
import { fleetFindings, hookFindings } from '../domain/check/fleet.js'
import { groupFindings, kindOf } from '../domain/check/group.js'
import {
  alarmFindings,
  bucketFindings,
  drainFindings,
  publicAccessFindings,
  targetGroupFindings,
  unwatched,
  versioningFindings
} from '../domain/check/surroundings.js'
import {
  healthyHostFindings,
  leftoverFindings,
  neighborFindings,
  refreshFindings,
  templateFindings
} from '../domain/check/launch.js'
import { encryptionFindings, lifecycleFindings } from '../domain/check/lifecycle.js'
import type { AlarmStates } from '../ports.js'
import { checkLaunchedRoles, checkServiceRole, ROLE_AREAS, settle } from './check-roles.js'

/** What is checked. */
export interface CheckedPlace {
  application: string
  group: string
  /** Empty: no bucket is checked. */
  bucket: string
  /** Where bundles are in it. */
  prefix: string
  region: string
  /** The job runs on a machine of GitHub's. */
  hosted: boolean
}

/** Where to read it. */
export interface CheckServices {
  reads: CheckReads
  alarms: AlarmStates
}

/** Every check, in the order of its importance. A read that fails is a line; nothing is thrown but a cancel. */
export const checkEverything = async (
  place: CheckedPlace,
  services: CheckServices,
  signal: AbortSignal
): Promise<CheckFinding[]> => {
  const [ofGroup, ofBucket] = await Promise.all([checkGroup(place, services), checkBucket(place, services)])
  signal.throwIfAborted()
  return [...ofGroup, ...ofBucket]
}

const checkGroup = async (place: CheckedPlace, services: CheckServices): Promise<CheckFinding[]> => {
  const reading = await settle(services.reads.group(place.application, place.group))
  const first = judged('Deployment group', 'GetDeploymentGroup', reading, (group) =>
    groupFindings(group, place.hosted)
  )
  if ('error' in reading)
    return [
      ...first,
      ...['Auto Scaling group', 'Target group', 'Alarms'].map((area) =>
        dependent(area, 'the deployment group, which could not be read')
      )
    ]
  const checked = reading.value
  const { autoScalingGroups, targetGroups } = checked.group
  const rest = await Promise.all([
    checkServiceRole(checked, services.reads),
    ...autoScalingGroups.map((name) => checkFleet(name, checked, { place, reads: services.reads })),
    checkNeighbors(checked, services),
    checkLeftovers(checked, services),
    ...targetGroups.map((name) => checkTargetGroup(name, services)),
    checkAlarms(checked, services)
  ])
  return [...first, ...rest.flat()]
}

const checkFleet = async (
  name: string,
  checked: CheckedGroup,
  { place, reads }: { place: CheckedPlace; reads: CheckReads }
): Promise<CheckFinding[]> => {
  const reading = await settle(reads.fleet(name))
  const findings = judged('Auto Scaling group', 'DescribeAutoScalingGroups', reading, (fleet) =>
    fleetFindings(name, fleet, checked)
  )
  // The hooks of a group that does not exist cannot be read.
  if ('value' in reading && reading.value === undefined) return findings
  const fleet = 'value' in reading ? reading.value : undefined
  const [hooks, refreshes, launched] = await Promise.all([
    settle(reads.hooks(name)),
    settle(reads.refreshes(name)),
    checkLaunch(fleet, checked, { place, reads })
  ])
  return [
    ...findings,
    ...launched,
    ...judged('Instance refresh', 'DescribeInstanceRefreshes', refreshes, (active) =>
      refreshFindings(name, active)
    ),
    ...judged('Launch hooks', 'DescribeLifecycleHooks', hooks, (found) => hookFindings(name, found, checked))
  ]
}

/** What needs the Auto Scaling group itself: its launch template, and its size. */
const checkLaunch = async (
  fleet: CheckedFleet | undefined,
  checked: CheckedGroup,
  { place, reads }: { place: CheckedPlace; reads: CheckReads }
): Promise<CheckFinding[]> => {
  const { group } = checked
  const { deploymentConfig } = group
  if (fleet === undefined)
    return ['Launch template', ...ROLE_AREAS, 'Minimum healthy hosts'].map((area) =>
      dependent(area, 'the Auto Scaling group, which could not be read')
    )
  const { template, desired } = fleet
  const [version, hosts] = await Promise.all([
    template && settle(reads.template(template)),
    settle(reads.healthyHosts(deploymentConfig))
  ])
  return [
    ...(template === undefined || version === undefined
      ? []
      : judged('Launch template', 'DescribeLaunchTemplateVersions', version, (found) =>
          templateFindings(template, found)
        )),
    ...(version === undefined ? [] : await checkRoles(version, checked, { place, reads })),
    ...judged('Minimum healthy hosts', 'GetDeploymentConfig', hosts, (found) =>
      healthyHostFindings(deploymentConfig, found, desired)
    )
  ]
}

/** The roles that the instances of a template use; a template that does not exist is a problem of its own. */
const checkRoles = async (
  version: Reading<CheckedTemplate | undefined>,
  checked: CheckedGroup,
  { place, reads }: { place: CheckedPlace; reads: CheckReads }
): Promise<CheckFinding[]> => {
  if ('error' in version)
    return ROLE_AREAS.map((area) => dependent(area, 'the launch template, which could not be read'))
  const copies = kindOf(checked.group) === 'copy'
  return version.value === undefined
    ? []
    : checkLaunchedRoles(checked, version.value, { copies, objects: objectsOf(place), reads })
}

/** ARN of the bundles; undefined if no bucket is checked. */
const objectsOf = ({ bucket, prefix, application }: CheckedPlace): string | undefined =>
  bucket === '' ? undefined : `arn:aws:s3:::${bucket}/${prefix}/${application}/*`

const checkNeighbors = async ({ group }: CheckedGroup, { reads }: CheckServices): Promise<CheckFinding[]> => {
  const neighbors = await settle(reads.neighbors(group.application))
  return judged('Other deployment groups', 'ListDeploymentGroups', neighbors, (found) =>
    group.autoScalingGroups.flatMap((fleet) => neighborFindings(group.name, fleet, found))
  )
}

const checkLeftovers = async ({ group }: CheckedGroup, { reads }: CheckServices): Promise<CheckFinding[]> => {
  if (kindOf(group) !== 'copy') return []
  const fleets = await settle(reads.fleetNames())
  return judged('Left-over fleets', 'DescribeAutoScalingGroups', fleets, (names) =>
    leftoverFindings(group.name, group.autoScalingGroups, names)
  )
}

const checkTargetGroup = async (name: string, { reads }: CheckServices): Promise<CheckFinding[]> => {
  const reading = await settle(reads.targetGroup(name))
  const findings = judged('Target group', 'DescribeTargetGroups', reading, (found) =>
    targetGroupFindings(name, found)
  )
  if (!('value' in reading))
    return [
      ...findings,
      dependent('Deregistration delay', `the target group ${name}, which could not be read`)
    ]
  if (reading.value === undefined) return findings
  const delay = await settle(reads.drainSeconds(reading.value.arn))
  return [
    ...findings,
    ...judged('Deregistration delay', 'DescribeTargetGroupAttributes', delay, (seconds) =>
      drainFindings(name, seconds)
    )
  ]
}

const checkAlarms = async (checked: CheckedGroup, { alarms }: CheckServices): Promise<CheckFinding[]> => {
  const names = checked.group.alarms
  if (names.length === 0) return unwatched(checked)
  return judged('Alarms', 'DescribeAlarms', await settle(alarms(names)), (states) =>
    alarmFindings(names, states)
  )
}

const checkBucket = async (
  { bucket, region, prefix, application }: CheckedPlace,
  { reads }: CheckServices
): Promise<CheckFinding[]> => {
  if (bucket === '') return []
  const found = await settle(reads.bucket(bucket))
  const findings = judged('Bucket', 'HeadBucket', found, (value) => bucketFindings(bucket, value, region))
  if (
    'value' in found &&
    (!found.value.exists || (found.value.region !== undefined && found.value.region !== region))
  )
    return findings
  const [versioned, blocked, rules, key] = await Promise.all([
    settle(reads.isVersioned(bucket)),
    settle(reads.blocksPublicAccess(bucket)),
    settle(reads.lifecycle(bucket)),
    settle(reads.encryptionKey(bucket))
  ])
  return [
    ...findings,
    ...judged('Versioning', 'GetBucketVersioning', versioned, (on) => versioningFindings(bucket, on)),
    ...judged('Public access', 'GetPublicAccessBlock', blocked, (on) => publicAccessFindings(bucket, on)),
    ...judged('Lifecycle rules', 'GetBucketLifecycleConfiguration', rules, (found) =>
      lifecycleFindings(bucket, `${prefix}/${application}/`, found)
    ),
    ...judged('Encryption', 'GetBucketEncryption', key, (found) => encryptionFindings(bucket, found))
  ]
}
