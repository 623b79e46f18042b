import { parseArgs } from 'node:util'
import { defaultSwitches, type NewFleet, type Switches } from './contract.js'
import { parseFault } from './faults.js'
import type { Quotas } from './quotas.js'
import type { Permission } from './github/repository.js'

/** The options of a running cloud, shared by the command line and `startCloud`. */
export interface CloudOptions {
  /** Servers of the Auto Scaling group. */
  instances: number
  /** A minute of the service lasts 60 / scale seconds. */
  timeScale: number
  /** Minutes of service time that the old fleet keeps running after the traffic has moved. */
  terminationWait: number
  /** Planned faults, `OPERATION:KIND[:TIMES[:AFTER]]`. */
  faults: string[]
  switches: Switches
  /** Items per page of every list. */
  pageSize: number
  /** A group that deploys in place instead of blue/green. */
  inPlace: boolean
  /** Two fleets that take turns, instead of one that is copied: found as Auto Scaling groups or by tags. */
  fixedFleets?: 'groups' | 'tags'
  /** No application, deployment group or Auto Scaling group yet, only what they build on. */
  empty?: boolean
  /** What previews with addresses of their own are made on: a load balancer with a listener, a launch template, roles. */
  previews?: boolean
  /** Service seconds from its launch until the agent of a new server starts: one of a fleet that a call makes or CodeDeploy copies. */
  agentSeconds?: number
  /** How many of each the account may have, where it differs from AWS's defaults. */
  quotas?: Partial<Quotas>
  /** A fleet that answers from a table and runs nothing. */
  scripted: boolean
  /** Limits every session to this many seconds (default: what the client requests). */
  credentialsSeconds?: number
  /** Patterns of `sub` that the role trusts (default: those of docs/iam/trust-policy.json). */
  trustSubjects?: string[]
  /** What GitHub's token may do, by the names of a workflow's `permissions:`, where it differs from the default. */
  githubPermissions?: Record<string, Permission | undefined>
}

/** The command line's own option, in addition to the cloud's. */
export interface CommandLine {
  cloud: CloudOptions
  envFile?: string
  help: boolean
}

export const defaultOptions: CloudOptions = {
  instances: 2,
  timeScale: 60,
  terminationWait: 5,
  faults: [],
  switches: defaultSwitches,
  pageSize: 100,
  inPlace: false,
  scripted: false
}

export const HELP = `A local cloud for trying deployments: GitHub OIDC, STS, S3, CodeDeploy, Auto Scaling, ELBv2 and the
alarms of CloudWatch on one loopback port, with servers that really run what is deployed. Ends with SIGINT or SIGTERM.

  --env-file FILE            write KEY=VALUE lines there when ready
  --instances N              servers of the group (default 2)
  --time-scale X             how many times faster than real the service's waits pass (default 60)
  --termination-wait MINUTES how long the old fleet lives on after the traffic has moved (default 5)
  --fault SPEC               OPERATION:KIND[:TIMES[:AFTER]], repeatable, for example PutObject:throttle:2
  --switch NAME=POSITION     what nobody has seen on the real service, repeatable, for example subject=names-and-ids
  --page-size N              items a page of every listing (default 100)
  --empty                    no application, deployment group or Auto Scaling group, only what they build on: a target group
                             with its balancer, the roles, the launch template and the bucket; and no place for previews
  --in-place                 a deployment group that deploys in place instead of blue/green
  --fixed-fleets KIND        two fleets, blue-fleet and green-fleet, that take turns; KIND is groups or tags
  --scripted                 servers that run nothing and answer from a table
  --credentials-seconds N    let every session end after so many seconds
  --trust-subject PATTERN    a subject that the role trusts instead of the repository's, repeatable
  --github-permission NAME=LEVEL  read, write or none for GitHub's token, repeatable, for example deployments=none
  --help
`

/** The values of each switch, as named in the contract. */
const positions: { [Name in keyof Switches]: readonly Switches[Name][] } = {
  blueTargetsAppear: ['at-traffic', 'from-start'],
  trafficOrder: ['barrier', 'interleaved'],
  notStarted: ['exception', 'empty-list'],
  readyBlink: ['never', 'once'],
  terminationFlag: ['true', 'stays-false'],
  stopWhileShifting: ['rollback', 'refused', 'succeeds-anyway', 'no-rollback'],
  stopInTerminationWait: ['rollback', 'refused', 'succeeds-anyway', 'no-rollback'],
  rollbackRevision: ['last-successful', 'former'],
  stopInWaitRefersTo: ['green', 'blue'],
  overviewCountsBlue: ['no', 'yes'],
  autoscalingLocks: ['no', 'yes'],
  fixedFleetsSwap: ['yes', 'no'],
  fixedBlueEnds: ['with-its-group', 'instances-only'],
  copyLoses: ['what-is-unproven', 'nothing', 'everything'],
  launchHookBeforeFirstDeployment: ['continues', 'waits', 'abandons'],
  groupDeletedWithBrokenRole: ['hooks-stay', 'refused'],
  greenGroupNamed: ['when-made', 'at-the-end'],
  restartRevision: ['absent', 'restarted'],
  alarmStopsRollback: ['no', 'yes'],
  alarmInTerminationWait: ['unwatched', 'stops'],
  overrideRefusal: ['names-the-right', 'names-nothing'],
  brokenRole: ['fails', 'refused'],
  goneTemplate: ['AUTO_SCALING_CONFIGURATION', 'AUTOSCALING_VALIDATION_ERROR', 'launches-nothing'],
  sameNameOtherTags: ['refused', 'answers-the-first'],
  latestConsole: ['shown', 'refused'],
  subject: ['names', 'names-and-ids'],
  newFleet: [
    ...['works', 'no-capacity', 'no-image', 'not-allowed', 'held'],
    ...['slow-boot', 'no-profile', 'no-agent', 'agent-dies']
  ] as NewFleet[]
}

const isSwitch = (name: string): name is keyof Switches => Object.hasOwn(positions, name)

/** Reads `NAME=POSITION`; throws an Error that lists the valid values. */
export const parseSwitch = (text: string): Partial<Switches> => {
  const [name = '', position = ''] = text.split('=')
  if (!isSwitch(name)) throw new Error(`switch "${name}" is none of ${Object.keys(positions).join(', ')}`)
  const known: readonly string[] = positions[name]
  if (!known.includes(position))
    throw new Error(`switch ${name}: position "${position}" is none of ${known.join(', ')}`)
  return { [name]: position }
}

/** Reads `NAME=LEVEL`; throws an Error that lists the levels. */
const parsePermission = (text: string): [string, Permission | undefined] => {
  const [name = '', level = ''] = text.split('=')
  if (level === 'read' || level === 'write') return [name, level]
  if (level === 'none') return [name, undefined]
  throw new Error(`permission "${text}": level "${level}" is none of read, write, none`)
}

const parseFixedFleets = (text: string | undefined): CloudOptions['fixedFleets'] => {
  if (text === undefined || text === 'groups' || text === 'tags') return text
  throw new Error(`--fixed-fleets "${text}" is none of groups, tags`)
}

const number = (
  name: string,
  text: string | undefined,
  limits: { least: number; whole: boolean }
): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text)
  const fits = text.trim() !== '' && value >= limits.least && Number.isFinite(value)
  if (fits && (!limits.whole || Number.isInteger(value))) return value
  throw new Error(
    `--${name} "${text}" is not a ${limits.whole ? 'whole ' : ''}number of at least ${limits.least}`
  )
}

const read = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      'env-file': { type: 'string' },
      instances: { type: 'string' },
      'time-scale': { type: 'string' },
      'termination-wait': { type: 'string' },
      fault: { type: 'string', multiple: true },
      switch: { type: 'string', multiple: true },
      'page-size': { type: 'string' },
      empty: { type: 'boolean' },
      'in-place': { type: 'boolean' },
      'fixed-fleets': { type: 'string' },
      scripted: { type: 'boolean' },
      'credentials-seconds': { type: 'string' },
      'trust-subject': { type: 'string', multiple: true },
      'github-permission': { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' }
    }
  }).values

const whole = { least: 1, whole: true }

/** Reads the command line; throws an Error that names the option and what is wrong with it. */
export const parseOptions = (argv: readonly string[]): CommandLine => {
  const given = read(argv)
  const faults = given.fault ?? []
  faults.forEach(parseFault)
  const switches = Object.assign({ ...defaultSwitches }, ...(given.switch ?? []).map(parseSwitch)) as Switches
  const credentialsSeconds = number('credentials-seconds', given['credentials-seconds'], whole)
  const fixedFleets = parseFixedFleets(given['fixed-fleets'])
  const permissions = given['github-permission']?.map(parsePermission)
  const cloud: CloudOptions = {
    instances: number('instances', given.instances, whole) ?? defaultOptions.instances,
    timeScale:
      number('time-scale', given['time-scale'], { least: 0.001, whole: false }) ?? defaultOptions.timeScale,
    terminationWait: number('termination-wait', given['termination-wait'], { least: 0, whole: true }) ?? 5,
    pageSize: number('page-size', given['page-size'], whole) ?? defaultOptions.pageSize,
    faults,
    switches,
    inPlace: given['in-place'] ?? false,
    scripted: given.scripted ?? false,
    ...(given.empty === true ? { empty: true } : { previews: true }),
    ...(fixedFleets === undefined ? {} : { fixedFleets }),
    ...(credentialsSeconds === undefined ? {} : { credentialsSeconds }),
    ...(given['trust-subject'] === undefined ? {} : { trustSubjects: given['trust-subject'] }),
    ...(permissions === undefined ? {} : { githubPermissions: Object.fromEntries(permissions) })
  }
  const help = given.help ?? false
  return given['env-file'] === undefined ? { cloud, help } : { cloud, help, envFile: given['env-file'] }
}
