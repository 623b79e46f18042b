import { afterEach, expect, test } from '@jest/globals'
import { rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { defaultSwitches } from '../cloud/contract.js'
import type { AutoScalingGroup } from '../cloud/autoscaling/model.js'
import type { StartOptions } from '../cloud/start.js'
import { hasClient, openShell } from '../stack/shell.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

// What the copy of an Auto Scaling group loses, told while blue is still there.

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const COPY = 'optional-copy.json'
const NOT_CHECKED = 'What the copy of the Auto Scaling group lost was not checked'

/** The group that serves, with settings of which nobody has seen whether a copy gets them. */
const setUp = (): void => {
  const [blue] = stage.cloud.planes.inspect.fleets.all()
  if (blue === undefined) throw new Error('no group')
  configure(blue)
}

const configure = ({ extras, hooks, suspended }: AutoScalingGroup): void => {
  extras.policies.set('cpu-50', {
    PolicyName: 'cpu-50',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: {
      PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
      TargetValue: '50.0'
    }
  })
  extras.schedules.set("it's night", {
    ScheduledActionName: "it's night",
    Recurrence: '0 22 * * *',
    DesiredCapacity: '2'
  })
  extras.metrics.add('GroupInServiceInstances')
  hooks.set('drain', {
    name: 'drain',
    transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    heartbeatSeconds: 60,
    defaultResult: 'CONTINUE'
  })
  suspended.add('AZRebalance')
}

/** The commands of the log, as a person would paste them. */
const commandsOf = (log: string): string[] =>
  [...log.matchAll(/^ {4}(aws autoscaling .*)$/gm)].map(([, command = '']) => command)

/** Traffic that moves slowly enough for a look at it. */
let isSlow = true
const SLOW_TRAFFIC: StartOptions['script'] = {
  event: ({ event }) => (isSlow && event.endsWith('Traffic') ? { seconds: 300 } : undefined)
}

const open = async (options: Parameters<typeof openScriptedStage>[0] = {}): Promise<void> => {
  stage = await openScriptedStage({ terminationWait: 600, ...options })
  stage.cloud.role.policy = rolePolicy(PLACE, COPY)
  setUp()
}

test('what is lost is one warning, with the commands in log and summary; once they have run, a second look is silent', async () => {
  await open()
  const run = await stage.deploy('v1')
  const log = readable(run)
  expect(run.code === 0 ? '' : log).toBe('')
  expect(log.match(/^::warning.*lacks 5 settings/gm)).toHaveLength(1)
  expect(log).toMatch(/^scaling policy cpu-50: TargetTrackingScaling \{.* → none$/m)
  expect(log).toContain('suspended processes: AZRebalance → none')
  expect(log).not.toContain(NOT_CHECKED)
  expect(run.summary).toMatch(/id = "CodeDeploy_ExampleGroup_d-\w+"/)
  expect(run.summary).toContain(
    "# scheduled action it's night\naws autoscaling put-scheduled-update-group-action"
  )
  const commands = commandsOf(log)
  expect(commands).toHaveLength(5)
  if (!hasClient) return
  const shell = await openShell({}, stage.cloud.env)
  try {
    for (const command of commands) expect(await shell.run(command)).toMatchObject({ code: 0, errors: '' })
  } finally {
    await shell.close()
  }
  // It attaches to the deployment, whose blue fleet still waits to be terminated.
  const again = await stage.deploy('v1')
  expect(again.code).toBe(0)
  expect(readable(again)).toContain('which is already deploying this revision')
  expect(readable(again)).not.toMatch(/::warning|What the copy of/)
  expect(again.summary).toContain('For Terraform')
})

test.each([
  ['nothing', 0],
  ['everything', 1]
] as const)(
  'with wait-for: complete and blue gone at once, a copy that loses %s has %i warnings',
  async (lost, warnings) => {
    await open({
      terminationWait: 0,
      script: SLOW_TRAFFIC,
      switches: { ...defaultSwitches, copyLoses: lost }
    })
    const run = await stage.deploy('v1', { inputs: { 'wait-for': 'complete' } })
    const log = readable(run)
    expect(run.code === 0 ? '' : log).toBe('')
    expect(log).not.toContain(NOT_CHECKED)
    expect(log.match(/^::warning.*lacks \d+ settings/gm) ?? []).toHaveLength(warnings)
    expect(run.summary).toContain('For Terraform')
  }
)

test('a rollback that redeploys is checked, too', async () => {
  isSlow = false
  await open({ terminationWait: 0, script: SLOW_TRAFFIC })
  for (const version of ['v1', 'v2']) {
    expect((await stage.deploy(version, { inputs: { 'wait-for': 'complete' } })).code).toBe(0)
  }
  const [blue] = stage.cloud.planes.inspect.fleets.all()
  if (blue !== undefined) configure(blue)
  isSlow = true
  const run = await stage.rollback('previous')
  expect(run.outputs['rollback-way']).toBe('redeploy')
  expect(readable(run)).toMatch(/^::warning.*lacks 5 settings/m)
  expect(run.summary).toContain('put-scaling-policy')
})

test('without the right, one line says so, and one call was made', async () => {
  await open()
  stage.cloud.role.policy = rolePolicy(PLACE)
  const run = await stage.deploy('v1')
  expect(run.code).toBe(0)
  expect(readable(run).match(new RegExp(`^${NOT_CHECKED}.*$`, 'gm'))).toEqual([
    `${NOT_CHECKED}: that needs autoscaling:DescribeAutoScalingInstances (docs/iam/optional-copy.json). Nothing else depends on it.`
  ])
  expect(stage.cloud.requests.filter(({ service }) => service === 'autoscaling')).toHaveLength(1)
})
