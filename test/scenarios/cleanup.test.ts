import { afterEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { policyOf, rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { scriptFailed } from '../cloud/scripted/script.js'
import type { StartOptions } from '../cloud/start.js'
import { commitOf } from './app.js'
import { openScriptedStage, readable, type Settings, type Stage } from './stage.js'

// `command: cleanup` through dist, with the documented role.

const DELETIONS = /^(DeleteAutoScalingGroup|DeleteObject|AbortMultipartUpload)$/
const DAY = 24 * 60 * 60 * 1000
const FOLDER = `codedeploy/${PLACE.application}/`

let stage: Stage
let broken = false
afterEach(async () => {
  broken = false
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const open = async (options: StartOptions = {}): Promise<void> => {
  stage = await openScriptedStage({
    terminationWait: 0,
    script: {
      event: ({ event }) =>
        broken && event === 'AfterInstall'
          ? { failure: scriptFailed(event, 'scripts/install.sh') }
          : undefined
    },
    ...options
  })
}

const deploy = (version: string): Promise<ActionRun> => {
  stage.cloud.role.policy = rolePolicy(PLACE)
  return stage.deploy(version, { inputs: { 'wait-for': 'complete' } })
}

/** Deploys, and returns the Auto Scaling group that the failure left behind. */
const failing = async (version: string): Promise<string> => {
  broken = true
  const run = await deploy(version)
  broken = false
  expect(run.code).toBe(1)
  return `CodeDeploy_${PLACE.deploymentGroup}_${run.outputs['deployment-id'] ?? '?'}`
}

const cleanup = (inputs: Record<string, string> = {}, settings: Settings = {}): Promise<ActionRun> => {
  stage.cloud.role.policy = policyOf(PLACE, 'cleanup-policy.json')
  return stage.run({ ...settings, inputs: { command: 'cleanup', 'poll-seconds': '', ...inputs } })
}
const deleting = { 'dry-run': 'false' }

const fleets = (): string[] =>
  stage.cloud.planes.inspect.fleets
    .all()
    .filter(({ status }) => status === undefined)
    .map(({ name }) => name)
const deletions = (): string[] =>
  stage.cloud.requests.map(({ operation }) => operation).filter((operation) => DELETIONS.test(operation))
const found = (run: ActionRun): { kind: string; name: string; result: string; why?: string }[] =>
  JSON.parse(run.outputs['cleanup'] ?? '') as { kind: string; name: string; result: string; why?: string }[]

const bucket = () => {
  const known = stage.cloud.store.buckets.get(PLACE.bucket)
  if (known === undefined) throw new Error('no bucket')
  return known
}
/** Keys that a list shows, below the application's folder. */
const keys = (): string[] =>
  [...bucket().objects]
    .filter(([, [newest]]) => newest?.deleteMarker === false)
    .map(([key]) => key.replace(FOLDER, ''))
/** Makes everything that is stored three days older. */
const wait = (): void => {
  for (const versions of bucket().objects.values()) for (const one of versions) one.modified -= 3 * DAY
}
const bundlesOf = (...versions: string[]): RegExp =>
  new RegExp(`^(manifests/)?(${versions.map(commitOf).join('|')})-`)

describe('the fleet of a failed deployment', () => {
  test('is listed with what it costs, and nothing is deleted', async () => {
    await open()
    await deploy('v1')
    const left = await failing('v2')
    const run = await cleanup()
    expect(readable(run)).toMatch(
      new RegExp(`Auto Scaling group +${left} +.*2 instances, \\d+ instance-hours?; d-\\w+ ended as Failed`)
    )
    expect(readable(run)).toContain('Nothing was deleted. Run this with `dry-run: false`')
    expect(run.code).toBe(0)
    expect(found(run)).toMatchObject([{ kind: 'fleet', name: left, result: 'found' }])
    expect(run.summary).toContain(left.replaceAll('_', '&#95;'))
    expect(deletions()).toEqual([])
  })

  test('is deleted with `dry-run: false`, the live one stays, and the next run finds nothing', async () => {
    await open()
    const live = `CodeDeploy_${PLACE.deploymentGroup}_${(await deploy('v1')).outputs['deployment-id'] ?? ''}`
    const left = await failing('v2')
    const run = await cleanup(deleting)
    expect(readable(run)).toContain(`Deleted the Auto Scaling group ${left}.`)
    expect(readable(run)).toContain(`Kept the Auto Scaling group ${live}: `)
    expect(run.code).toBe(0)
    expect(fleets()).toEqual([live])
    const again = await cleanup(deleting)
    expect(readable(again)).toContain('Nothing is left behind.')
    expect(again.code).toBe(0)
    expect(deletions()).toEqual(['DeleteAutoScalingGroup'])
  })

  test('of another group, of a user, or with a tag of nobody is never touched', async () => {
    await open()
    await deploy('v1')
    const left = await failing('v2')
    const { fleets: all } = stage.cloud.planes.inspect
    const made = all.find(left)
    if (made === undefined) throw new Error('no fleet')
    const id = left.split('_').at(-1) ?? ''
    const tag = (value: string) => ({ key: 'CodeDeployProvisioningDeploymentId', value, propagate: true })
    for (const [name, value] of [
      ['fleet-of-a-user', id],
      [`CodeDeploy_Other_${id}`, id],
      [`CodeDeploy_${PLACE.deploymentGroup}_d-UNKNOWN01`, 'd-UNKNOWN01']
    ] as const)
      all.create({ ...made, name, tags: [tag(value)], targetGroupArns: [] })
    const run = await cleanup(deleting)
    expect(found(run).map(({ name }) => name)).toEqual([left])
    expect(fleets()).toEqual(
      expect.arrayContaining([
        'fleet-of-a-user',
        `CodeDeploy_Other_${id}`,
        `CodeDeploy_${PLACE.deploymentGroup}_d-UNKNOWN01`
      ])
    )
  })

  test('stays when its deletion is refused, which names the missing permission', async () => {
    await open()
    await deploy('v1')
    const left = await failing('v2')
    await cleanup()
    const policy = policyOf(PLACE, 'cleanup-policy.json')
    stage.cloud.role.policy = {
      ...policy,
      Statement: policy.Statement.filter(({ Sid }) => Sid !== 'FleetsLeftBehind')
    }
    const run = await stage.run({ inputs: { command: 'cleanup', 'poll-seconds': '', ...deleting } })
    expect(readable(run)).toContain(
      'allow the role autoscaling:DeleteAutoScalingGroup, as docs/iam/cleanup-policy.json does'
    )
    expect(run.code).toBe(1)
    expect(found(run)).toMatchObject([{ name: left, result: 'refused' }])
    expect(fleets()).toContain(left)
  })

  test('is deleted by the next run when this one is killed', async () => {
    await open()
    await deploy('v1')
    const lost = [await failing('v2'), await failing('v3')]
    const killed = await cleanup(deleting, {
      onLog: (text, child) => {
        if (text.includes('Deleted the Auto Scaling group')) child.kill('SIGKILL')
      }
    })
    expect(killed.code).not.toBe(0)
    expect((await cleanup(deleting)).code).toBe(0)
    expect(fleets().filter((name) => lost.includes(name))).toEqual([])
  })

  test('is deleted although calls are throttled', async () => {
    await open({ faults: ['DeleteAutoScalingGroup:throttle:2', 'ListDeploymentGroups:throttle:1'] })
    await deploy('v1')
    const left = await failing('v2')
    const run = await cleanup(deleting)
    expect(run.code).toBe(0)
    expect(fleets()).not.toContain(left)
  })
})

test('a blue fleet that is kept alive is not touched', async () => {
  await open({ seed: { blueAction: 'KEEP_ALIVE' } })
  await deploy('v1')
  await deploy('v2')
  const before = fleets()
  expect(before.length).toBeGreaterThan(1)
  const run = await cleanup(deleting)
  expect(run.code).toBe(0)
  expect(fleets()).toEqual(before)
})

describe('bundles', () => {
  const VERSIONS = Array.from({ length: 10 }, (_, at) => `v${at}`)
  const deployAll = async (): Promise<void> => {
    await open()
    for (const version of VERSIONS) expect((await deploy(version)).code).toBe(0)
    bucket().objects.set(`${FOLDER}groups/${PLACE.deploymentGroup}.json`, [
      { ...bundleVersion(), key: `${FOLDER}groups/${PLACE.deploymentGroup}.json` }
    ])
    bucket().objects.set(`${FOLDER}by-hand.zip`, [{ ...bundleVersion(), key: `${FOLDER}by-hand.zip` }])
    wait()
  }
  const bundleVersion = () => {
    const [first] = [...bucket().objects.values()][0] ?? []
    if (first === undefined) throw new Error('nothing is stored')
    return { ...first }
  }

  test('all stay without `keep-bundles`', async () => {
    await open()
    await deploy('v0')
    await deploy('v1')
    wait()
    const run = await cleanup(deleting)
    expect(found(run)).toEqual([])
    expect(deletions()).toEqual([])
  })

  test('ten, of which the newest three stay, with the records and what a user stored', async () => {
    await deployAll()
    const run = await cleanup({ ...deleting, 'keep-bundles': '3' })
    expect(run.code).toBe(0)
    expect(found(run).map(({ kind, result }) => `${kind} ${result}`)).toEqual(
      Array.from({ length: 7 }, () => 'bundle deleted')
    )
    expect(keys().filter((key) => bundlesOf('v7', 'v8', 'v9').test(key))).toHaveLength(6)
    expect(
      keys()
        .filter((key) => !bundlesOf('v7', 'v8', 'v9').test(key))
        .sort()
    ).toEqual(['by-hand.zip', `groups/${PLACE.deploymentGroup}.json`])
    stage.cloud.role.policy = rolePolicy(PLACE)
    expect((await stage.rollback(commitOf('v7'), { inputs: { 'wait-for': 'complete' } })).code).toBe(0)
  })

  test('all stay when one group of the application cannot be read, and the log says why', async () => {
    await deployAll()
    const policy = policyOf(PLACE, 'cleanup-policy.json')
    const own = `deploymentgroup:${PLACE.application}/${PLACE.deploymentGroup}`
    stage.cloud.role.policy = {
      ...policy,
      Statement: policy.Statement.map((one) => ({
        ...one,
        Resource: [one.Resource]
          .flat()
          .map((arn) => arn.replace(`deploymentgroup:${PLACE.application}/*`, own))
      }))
    }
    await seedOther()
    const run = await stage.run({
      inputs: { command: 'cleanup', 'poll-seconds': '', ...deleting, 'keep-bundles': '3' }
    })
    expect(run.code).toBe(1)
    expect(readable(run)).toContain(`The deployment group ${PLACE.application}/Other cannot be read`)
    expect(readable(run)).toContain('codedeploy:GetDeploymentGroup, as docs/iam/cleanup-policy.json does')
    expect(deletions()).toEqual([])
  })
})

/** Another group of the application, which never had a deployment. */
const seedOther = async (): Promise<void> => {
  const caller = { arn: `arn:aws:iam::${PLACE.accountId}:root`, accountId: PLACE.accountId }
  await stage.cloud.planes.codedeploy['CreateDeploymentGroup']?.(
    {
      applicationName: PLACE.application,
      deploymentGroupName: 'Other',
      serviceRoleArn: `arn:aws:iam::${PLACE.accountId}:role/CodeDeployServiceRole`
    },
    caller
  )
}

test('an upload that nobody completed is aborted after a day; a younger one, and that of a user, stay', async () => {
  await open()
  await deploy('v1')
  const now = Date.now()
  const upload = (key: string, days: number) => ({
    ...{ id: `${key} ${days}`, key: `${FOLDER}${key}`, started: now - days * DAY, headers: {}, tags: [] },
    ...{ checksumType: 'FULL_OBJECT' as const, parts: new Map() }
  })
  const bundle = `${commitOf('v9')}-0123456789ab.zip`
  for (const one of [upload(bundle, 2), upload(bundle, 0), upload('backup.zip', 9)])
    bucket().uploads.set(one.id, one)
  const run = await cleanup(deleting)
  expect(run.code).toBe(0)
  expect(found(run)).toMatchObject([{ kind: 'upload', name: `${FOLDER}${bundle}`, result: 'deleted' }])
  expect([...bucket().uploads.keys()]).toEqual([`${bundle} 0`, 'backup.zip 9'])
})
