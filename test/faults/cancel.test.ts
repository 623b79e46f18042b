import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Deployment } from '../cloud/codedeploy/model.js'
import { openYard, type Job, type JobEnd, type Yard } from './job.js'

const POLICIES = ['rollback', 'stop', 'leave'] as const
type Policy = (typeof POLICIES)[number]

/** How long a runner waits after SIGINT and after SIGTERM. */
const GRANTED_MS = { SIGINT: 7_500, SIGTERM: 2_500 }

interface Moment {
  name: string
  faults?: readonly string[]
  bytes?: number
  /** A deployment of another revision is already running. */
  isHeld?: boolean
  /** Whether the job has reached the moment. */
  isThere(job: Job, yard: Yard): boolean
  /** Whether a deployment of this run exists then. */
  hasDeployed: boolean
}

/** Moments at which ending the job takes the most work. */
const SUDDEN = new Set([
  'uploading the bundle',
  'CreateDeployment is carried out and its answer drips',
  'shifting the traffic'
])

const called =
  (operation: string) =>
  (_: Job, { cloud }: Yard) =>
    cloud.requests.some((request) => request.operation === operation && request.fault !== undefined)
const told = (text: string) => (job: Job) => job.log().includes(text)

const MOMENTS: readonly Moment[] = [
  {
    name: 'requesting a token',
    faults: ['GetIDToken:hang'],
    isThere: called('GetIDToken'),
    hasDeployed: false
  },
  {
    ...{ name: 'assuming the role', faults: ['AssumeRoleWithWebIdentity:hang'], hasDeployed: false },
    isThere: called('AssumeRoleWithWebIdentity')
  },
  {
    name: 'reading the group',
    faults: ['GetDeploymentGroup:throttle:forever'],
    isThere: called('GetDeploymentGroup'),
    hasDeployed: false
  },
  {
    name: 'uploading the bundle',
    faults: ['UploadPart:hang:forever'],
    bytes: 14_000_000,
    isThere: called('UploadPart'),
    hasDeployed: false
  },
  {
    name: 'CreateDeployment is not answered',
    faults: ['CreateDeployment:hang'],
    isThere: called('CreateDeployment'),
    hasDeployed: false
  },
  {
    name: 'CreateDeployment is carried out and its answer drips',
    faults: ['CreateDeployment:slow-drip'],
    isThere: called('CreateDeployment'),
    hasDeployed: true
  },
  { name: 'provisioning', isThere: told('Provision the green fleet'), hasDeployed: true },
  { name: 'installing', isThere: told('Install on the green fleet'), hasDeployed: true },
  { name: 'shifting the traffic', isThere: told('Shift the traffic'), hasDeployed: true },
  { name: 'the termination wait', isThere: told('is waiting to be terminated'), hasDeployed: true },
  { name: 'waiting for another deployment', isHeld: true, isThere: told(' has held '), hasDeployed: false }
]

/** Runs a job up to the moment, cancels it, and returns how it ended. */
const cancelAt = async (
  moment: Moment,
  {
    yard,
    policy,
    signal,
    version
  }: { yard: Yard; policy: Policy; signal: 'SIGINT' | 'SIGTERM'; version: string }
) => {
  await yard.clear()
  yard.cloud.requests.length = 0
  const holder =
    moment.isHeld === true
      ? await yard.start(`${version} holder`, { inputs: { 'wait-for': 'none' } })
      : undefined
  await holder?.ended
  const before = new Set(yard.deployments().map(({ id }) => id))
  for (const fault of moment.faults ?? []) yard.cloud.faults.add(fault)
  const inputs = { 'on-cancel': policy, 'wait-for': 'complete' }
  const job = await yard.start(version, { inputs, bytes: moment.bytes ?? 0 })
  await job.until(() => moment.isThere(job, yard))
  job.signal(signal)
  const end = await job.ended
  const made = yard.deployments().filter(({ id, creator }) => !before.has(id) && creator === 'user')
  return { end, made }
}

const partsLeft = ({ cloud }: Yard): number =>
  [...cloud.store.buckets.values()]
    .flatMap(({ uploads }) => [...uploads.values()])
    .filter(({ parts }) => parts.size > 0).length

const expectDeployed = (policy: Policy, end: JobEnd, made: readonly Deployment[]): void => {
  const [deployment] = made
  expect(made).toHaveLength(1)
  expect(end.log).toContain(deployment?.id ?? '?')
  expect(end.outputs['deployment-id']).toBe(deployment?.id)
  if (policy === 'leave') expect(deployment?.stop).toBeUndefined()
  else expect(deployment?.stop).toEqual({ rollback: policy === 'rollback' })
}

describe.each(POLICIES)('on-cancel: %s', (policy) => {
  let yard: Yard
  beforeAll(async () => {
    yard = await openYard()
  })
  afterAll(() => yard.close())

  test.each(MOMENTS.map((moment) => [moment.name, moment] as const))('%s', async (name, moment) => {
    const { end, made } = await cancelAt(moment, {
      yard,
      policy,
      signal: 'SIGINT',
      version: `${policy} ${name}`
    })
    expect(end.endingMs).toBeLessThan(GRANTED_MS.SIGINT)
    expect(end.code).not.toBe(0)
    expect(end.log).toContain('The job was canceled')
    expect(end.log).not.toContain('time limit for watching was reached')
    expect(end.log).not.toContain('UserError)')
    expect(partsLeft(yard)).toBe(0)
    if (moment.hasDeployed) expectDeployed(policy, end, made)
    else expect(made).toEqual([])
  })
})

describe('with less time', () => {
  let yard: Yard
  beforeAll(async () => {
    yard = await openYard()
  })
  afterAll(() => yard.close())

  test.each(MOMENTS.filter(({ name }) => SUDDEN.has(name)).map((moment) => [moment.name, moment] as const))(
    'SIGTERM alone: %s',
    async (name, moment) => {
      const { end } = await cancelAt(moment, {
        ...{ yard, policy: 'rollback', signal: 'SIGTERM', version: `term ${name}` }
      })
      expect(end.endingMs).toBeLessThan(GRANTED_MS.SIGTERM)
      expect(end.code).not.toBe(0)
      expect(end.log).toContain('The job was canceled')
      expect(partsLeft(yard)).toBe(0)
    }
  )

  test.each([
    ['StopDeployment', 'It is not known whether d-'],
    ['GetDeployment', 'The job was canceled']
  ])('%s no longer answers: the job ends in time and says what is not known', async (operation, words) => {
    await yard.clear()
    const job = await yard.start(`silent ${operation}`)
    await job.until(() => job.log().includes('Install on the green fleet'))
    yard.cloud.faults.add(`${operation}:hang:forever`)
    job.signal('SIGINT')
    const end = await job.ended
    expect(end.endingMs).toBeLessThan(GRANTED_MS.SIGINT)
    expect(end.code).not.toBe(0)
    expect(end.log).toContain(words)
  })

  test('a second signal ends the job at once', async () => {
    await yard.clear()
    yard.cloud.faults.add('StopDeployment:hang:forever')
    const job = await yard.start('twice')
    await job.until(() => job.log().includes('Install on the green fleet'))
    job.signal('SIGINT')
    await job.until(() => job.log().includes('The job was canceled'))
    job.signal('SIGTERM')
    const end = await job.ended
    expect(end.endingMs).toBeLessThan(1_000)
    expect(end.code).toBe(130)
  })
})
