import type { CheckReads } from '../check-port.js'
import type { CheckedGroup, CheckedIdentity } from '../domain/check/facts.js'
import { type CheckFinding, dependent, judged } from '../domain/check/finding.js'
import { groupFindings, isMissingGroup, missingGroupFindings } from '../domain/check/group.js'
import { identityFindings, sessionFindings } from '../domain/check/identity.js'
import type { HookTimes } from '../domain/check/pace.js'
import { plannedGroup, type SetupFile, setupFileFindings } from '../domain/check/planned.js'
import { alarmFindings, unwatched } from '../domain/check/surroundings.js'
import type { AlarmStates } from '../ports.js'
import { checkPace, checkTargetGroups } from './check-balancing.js'
import { type BundlePlace, checkBucket } from './check-bucket.js'
import { checkFleet, checkLeftovers, checkNeighbors } from './check-fleet.js'
import { remembering, settle } from './check-reads.js'
import { checkServiceRole, ROLE_AREAS } from './check-roles.js'

/** What is checked; an empty `bucket` means that none is. */
export interface CheckedPlace extends BundlePlace {
  group: string
  /** The job runs on a machine of GitHub's. */
  hosted: boolean
  identity: CheckedIdentity
  /** How long the hooks of the bundle may run; undefined if there is no AppSpec. */
  hooks: HookTimes | undefined
  /** What the group is to be, for when there is none yet; undefined without a setup file. */
  setup: SetupFile | undefined
}

/** Where to read it. */
export interface CheckServices {
  reads: CheckReads
  alarms: AlarmStates
  now: Date
}

/** Every check, in the order of its importance. A read that fails is a line; nothing is thrown but a cancel. */
export const checkEverything = async (
  place: CheckedPlace,
  services: CheckServices,
  signal: AbortSignal
): Promise<CheckFinding[]> => {
  const remembered = { ...services, reads: remembering(services.reads) }
  const [ofGroup, ofBucket] = await Promise.all([
    checkGroup(place, remembered),
    checkBucket(place, services.reads)
  ])
  signal.throwIfAborted()
  return [...identityFindings(place.identity), ...ofGroup, ...ofBucket]
}

const checkGroup = async (place: CheckedPlace, services: CheckServices): Promise<CheckFinding[]> => {
  const { application, group: name, hosted, identity } = place
  const reading = await settle(services.reads.group(application, name))
  if ('value' in reading) {
    const checked = reading.value
    const { readyMinutes, terminationMinutes } = checked.group.waits
    const [around, pace] = await Promise.all([
      checkAround(checked, place, services),
      checkPace(checked, services.reads, place)
    ])
    return [
      ...sessionFindings(identity, readyMinutes + terminationMinutes, services.now),
      ...groupFindings(checked, hosted),
      ...around,
      ...pace
    ]
  }
  const session = sessionFindings(identity, undefined, services.now)
  if (isMissingGroup(reading.error))
    return [...session, ...(await checkUnmade(reading.error, place, services))]
  return [
    ...session,
    ...judged('Deployment group', 'GetDeploymentGroup', reading, () => []),
    ...['Auto Scaling group', 'Target group', 'Alarms'].map((area) =>
      dependent(area, 'the deployment group, which could not be read')
    )
  ]
}

/** Everything that a group names. */
const checkAround = async (
  checked: CheckedGroup,
  place: CheckedPlace,
  { reads, alarms }: CheckServices
): Promise<CheckFinding[]> => {
  const sources = { reads, objects: objectsOf(place) }
  const findings = await Promise.all([
    checkServiceRole(checked, reads),
    ...checked.group.autoScalingGroups.map((name) => checkFleet(name, checked, sources)),
    checkNeighbors(checked, reads),
    checkLeftovers(checked, reads),
    checkTargetGroups(checked, reads),
    checkAlarms(checked, alarms)
  ])
  return findings.flat()
}

/** What only a deployment group can tell. */
const OF_THE_GROUP = ['Waits', 'Automatic rollback', 'Minimum healthy hosts', 'Time of a deployment']
/** What a setup file can tell too. */
const OF_THE_FILE = [
  'Service role',
  'Auto Scaling group',
  'Launch template',
  ...ROLE_AREAS,
  'Target group',
  'Alarms'
]

/** What can be judged before there is a group: everything that its setup file names. */
const checkUnmade = async (
  error: unknown,
  place: CheckedPlace,
  services: CheckServices
): Promise<CheckFinding[]> => {
  const { application, group, setup } = place
  const missing = missingGroupFindings(place, error)
  const needGroup = OF_THE_GROUP.map((area) => dependent(area, 'the deployment group'))
  if (setup === undefined)
    return [
      ...missing,
      ...OF_THE_FILE.map((area) => dependent(area, 'the deployment group, or a setup file (`setup-file`)')),
      ...needGroup
    ]
  const ofFile = setupFileFindings(setup, `${application}/${group}`)
  const isOfTheGroup = 'wish' in setup && setup.wish.application === application && setup.wish.group === group
  return [
    ...missing,
    ...ofFile,
    ...(isOfTheGroup
      ? await checkAround(plannedGroup(setup.wish), place, services)
      : OF_THE_FILE.map((area) => dependent(area, 'the deployment group, or its setup file'))),
    ...needGroup
  ]
}

/** ARN of the bundles; undefined if no bucket is checked. */
const objectsOf = ({ bucket, prefix, application }: CheckedPlace): string | undefined =>
  bucket === '' ? undefined : `arn:aws:s3:::${bucket}/${prefix}/${application}/*`

const checkAlarms = async (checked: CheckedGroup, alarms: AlarmStates): Promise<CheckFinding[]> => {
  const names = checked.group.alarms
  if (names.length === 0) return unwatched(checked)
  return judged('Alarms', 'DescribeAlarms', await settle(alarms(names)), (states) =>
    alarmFindings(names, states)
  )
}
