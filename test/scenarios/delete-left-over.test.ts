import { afterEach, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { scriptFailed } from '../cloud/scripted/script.js'
import { commitOf } from './app.js'
import { openScriptedStage, readable, type Settings, type Stage } from './stage.js'

// `delete-left-over` through dist, with the documented policies.

const RECOMMENDED = ['optional-target-health.json', 'optional-waiting-reasons.json']
const DELETING = 'optional-delete-left-over.json'

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

/** A group whose second version fails at this event. */
const open = async (
  event: string,
  optional: readonly string[] = [...RECOMMENDED, DELETING]
): Promise<void> => {
  stage = await openScriptedStage({
    terminationWait: 0,
    script: {
      event: (at) =>
        at.event === event && at.revision.key.includes(commitOf('v2'))
          ? { failure: scriptFailed(event, 'scripts/fails.sh') }
          : undefined
    }
  })
  expect((await stage.deploy('v1', { inputs: { 'wait-for': 'complete' } })).code).toBe(0)
  stage.cloud.role.policy = rolePolicy(PLACE, ...optional)
}

const failing = (settings: Settings = {}): Promise<ActionRun> =>
  stage.deploy('v2', { ...settings, inputs: { 'delete-left-over': 'true', ...settings.inputs } })

const leftBy = (run: ActionRun): string =>
  `CodeDeploy_${PLACE.deploymentGroup}_${run.outputs['deployment-id'] ?? '?'}`

const standing = (): string[] =>
  stage.cloud.planes.inspect.fleets
    .all()
    .filter(({ status }) => status === undefined)
    .map(({ name }) => name)

test('the fleet of a failed deployment is deleted after the cause was told', async () => {
  await open('AfterInstall')
  const before = standing()
  const run = await failing()
  const log = readable(run)
  expect(run.code).toBe(1)
  expect(log).toContain(`Deleted the Auto Scaling group ${leftBy(run)}, with 2 instances`)
  expect(log.indexOf('fails.sh')).toBeLessThan(log.indexOf('Deleted the Auto Scaling group'))
  expect(log).not.toContain('aws autoscaling delete-auto-scaling-group')
  expect(run.summary).toContain('Deleted the Auto Scaling group')
  expect(standing()).toEqual(before)
})

test('a fleet that took the traffic before it was rolled back is deleted, and the old one serves', async () => {
  await open('AfterAllowTraffic')
  const before = standing()
  const run = await failing({ inputs: { 'auto-rollback-events': 'DEPLOYMENT_FAILURE' } })
  expect(run.code).toBe(2)
  expect(readable(run)).toContain(`Deleted the Auto Scaling group ${leftBy(run)}`)
  expect(standing()).toEqual(before)
})

test('a success deletes nothing', async () => {
  await open('Nothing')
  const run = await failing()
  expect(run.code).toBe(0)
  expect(standing()).toContain(leftBy(run))
})

test('without the right, the fleet stays, and a warning says what to allow and how to delete it by hand', async () => {
  await open('AfterInstall', RECOMMENDED)
  const run = await failing()
  expect(run.code).toBe(1)
  expect(standing()).toContain(leftBy(run))
  const log = readable(run)
  expect(log).toContain(`The Auto Scaling group ${leftBy(run)} was not deleted, and keeps costing money: `)
  expect(log).toContain('autoscaling:DeleteAutoScalingGroup, as docs/iam/optional-delete-left-over.json does')
  expect(log).toContain(
    `aws autoscaling delete-auto-scaling-group --auto-scaling-group-name '${leftBy(run)}' --force-delete`
  )
})

test('without a view of the load balancer, the fleet is kept', async () => {
  await open('AfterInstall', ['optional-waiting-reasons.json', DELETING])
  const run = await failing()
  expect(standing()).toContain(leftBy(run))
  expect(readable(run)).toMatch(/was not deleted.*it is not known which instances serve/)
})
