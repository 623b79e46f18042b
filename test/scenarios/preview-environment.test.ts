import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ElasticLoadBalancingV2, type RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ActionRun } from '../action/run.js'
import type { Switches } from '../cloud/contract.js'
import { policyOf } from '../cloud/identity/documents.js'
import { SEEDED } from '../cloud/ec2/templates.js'
import { PLACE } from '../cloud/parts.js'
import { administrator } from '../cloud/wire/clients.js'
import { askedAt, previewInputs, previewParts } from './preview-parts.js'
import { knownCommit, openPull, type PullStage } from './pulls.js'
import { openFastStage, openStage, readable, type Stage } from './stage.js'

const PULL_ROLE = policyOf(PLACE, 'preview-policy.json', 'optional-preview-environments.json')
const CLEANUP_ROLE = policyOf(PLACE, 'preview-cleanup-policy.json')

const cleanUp = (inputs: Record<string, string> = {}): Promise<ActionRun> => {
  stage.cloud.role.policy = CLEANUP_ROLE
  return stage.run({
    inputs: {
      ...{ command: 'cleanup', what: 'previews', 'github-token': 'ghs_token', 'poll-seconds': '' },
      ...{ 'deployment-group-name': '', 's3-bucket': '' },
      'preview-listener-arn': stage.cloud.env['PREVIEW_LISTENER_ARN'] ?? '',
      ...inputs
    },
    env: { GITHUB_EVENT_NAME: 'schedule' }
  })
}

let stage: Stage
afterEach(() => stage.close())

describe('with servers that really run', () => {
  beforeEach(async () => {
    stage = await openStage({ previews: true })
    knownCommit(stage, 'v1')
    expect((await stage.deploy('v1')).code).toBe(0)
    stage.cloud.role.policy = PULL_ROLE
  })

  test('a pull request answers at its own address from the first push to its end, and production never notices', async () => {
    const pull = openPull(stage, 7)
    const host = 'pr-7.preview.example.com'
    expect(await askedAt(stage.cloud, host)).toBe('HTTP 404')
    await pull.push('v2')
    const first = await pull.on('opened', { inputs: previewInputs(stage.cloud) })
    expect(first.code === 0 ? '' : readable(first)).toBe('')
    expect([await askedAt(stage.cloud, host), await stage.serving()]).toEqual(['v2', 'v1'])
    await pull.push('v3')
    const second = await pull.on('synchronize', { inputs: previewInputs(stage.cloud) })
    expect(second.code === 0 ? '' : readable(second)).toBe('')
    expect(readable(second)).not.toMatch(/Created the (target group|listener|Auto Scaling|deployment group)/)
    expect([await askedAt(stage.cloud, host), await stage.serving()]).toEqual(['v3', 'v1'])
    const end = await pull.on('closed', { inputs: previewInputs(stage.cloud) })
    expect(end.code === 0 ? '' : readable(end)).toBe('')
    expect([
      await askedAt(stage.cloud, host),
      await stage.serving(),
      await previewParts(stage.cloud)
    ]).toEqual(['HTTP 404', 'v1', []])
  })
})

/** The parts of one preview, by their kinds. */
const WHOLE = ['Auto Scaling group', 'deployment group', 'rule', 'target group']
const kinds = async (): Promise<string[]> =>
  (await previewParts(stage.cloud)).map((part) => part.replace(/ (pr-|\d).*/, ''))

const live = async (): Promise<void> => {
  knownCommit(stage, 'v1')
  expect((await stage.deploy('v1')).code).toBe(0)
  stage.cloud.role.policy = PULL_ROLE
}

/** How many times faster time runs: the waits of minutes are over in seconds, and a busy machine still answers in time. */
const SPEED = 60

const HOUR_MS = 3_600_000

/** A pull request with one commit. */
const opened = async (number: number, labels: string[] = []): Promise<PullStage> => {
  const pull = openPull(stage, number, { bare: true })
  await pull.push('v2')
  label(number, labels)
  return pull
}

const label = (number: number, labels: string[]): void => {
  const known = stage.cloud.repository.pulls.find((one) => one.number === number)
  if (known !== undefined) known.labels = labels
}

/** A rule of somebody else, at this priority. */
const foreignRule = async (priority: number, conditions: RuleCondition[]): Promise<string> => {
  const elb = new ElasticLoadBalancingV2({
    ...{ endpoint: stage.cloud.url, region: PLACE.region, credentials: administrator(stage.cloud) }
  })
  const { Rules = [] } = await elb.createRule({
    ...{
      ListenerArn: stage.cloud.env['PREVIEW_LISTENER_ARN'] ?? '',
      Priority: priority,
      Conditions: conditions
    },
    Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '410' } }]
  })
  return Rules[0]?.RuleArn ?? ''
}

const PATHS: RuleCondition = { Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }

describe('what stands in the way of a preview', () => {
  beforeEach(async () => {
    stage = await openFastStage(SPEED, { previews: true, terminationWait: 0 })
    await live()
  })

  test('is said before anything is made, on the pull request too', async () => {
    const listener = stage.cloud.env['PREVIEW_LISTENER_ARN'] ?? ''
    const pull = await opened(7)
    const told: string[] = []
    for (const inputs of [
      { 'preview-listener-arn': listener.replace(/\w+$/, '0123456789abcdef') },
      { 'preview-launch-template': 'nobody' },
      { 'preview-launch-template': SEEDED.name },
      { 'preview-service-role-arn': '' },
      { 'preview-host': 'pr-{number}.preview.example.com', 'preview-url': 'https://preview.example.com' }
    ]) {
      const run = await pull.on('opened', { inputs: { ...previewInputs(stage.cloud), ...inputs } })
      expect(run.code).toBe(1)
      told.push(/::error::(.*)/.exec(readable(run))?.[1] ?? '')
    }
    const [wrongListener, wrongTemplate, sharedRole, noRole, twoManners] = told
    expect(wrongListener).toMatch(/^There is no listener .*0123456789abcdef\..*Nothing was made/)
    expect(wrongTemplate).toMatch(/^There is no launch template nobody in this region\..*Nothing was made/)
    expect(sharedRole).toMatch(
      /^The launch template \S+ has the instance profile ExampleInstanceProfile, with which production runs.*`preview-shares-production-role: true`.*Nothing was made/
    )
    expect(noRole).toMatch(/^Input `preview-service-role-arn` is missing/)
    expect(twoManners).toMatch(/^Input `preview-url`.*use one of the two/)
    expect(pull.comments()[0]).toContain('🔴 The launch template')
    expect(await previewParts(stage.cloud)).toEqual([])
    const shared = { 'preview-launch-template': SEEDED.name, 'preview-shares-production-role': 'true' }
    const run = await pull.on('opened', { inputs: { ...previewInputs(stage.cloud), ...shared } })
    expect(readable(run)).toMatch(
      /::error::The security groups of the launch template example \(sg-\w+\) let nothing from the load balancer example-previews \(sg-\w+\) in on port 80.*Add an inbound rule for port 80 from sg-\w+\. Nothing was made/
    )
    expect(await previewParts(stage.cloud)).toEqual([])
  })

  test('a rule that comes first and takes every host is refused, and one that comes later is not', async () => {
    const pull = await opened(7)
    const first = await foreignRule(1, [PATHS])
    const refused = await pull.on('opened', { inputs: previewInputs(stage.cloud) })
    expect(readable(refused)).toMatch(
      /::error::No rule for pr-7\.preview\.example\.com can be made: the listener's rule 1 takes requests for every host.*a listener of their own/
    )
    expect(await kinds()).toEqual(['rule'])
    const elb = new ElasticLoadBalancingV2({
      ...{ endpoint: stage.cloud.url, region: PLACE.region, credentials: administrator(stage.cloud) }
    })
    await elb.setRulePriorities({ RulePriorities: [{ RuleArn: first, Priority: 7 }] }).catch(async () => {
      await elb.deleteRule({ RuleArn: first })
      await foreignRule(7, [PATHS])
    })
    const run = await pull.on('opened', { inputs: previewInputs(stage.cloud) })
    expect(run.code === 0 ? '' : readable(run)).toBe('')
    expect(readable(run)).toContain("Created the listener's rule 1: pr-7.preview.example.com → pr-7-")
  })

  test('another preview than `preview-limit` allows is refused, and the others go on', async () => {
    const [one, other] = [await opened(7), await opened(8)]
    const inputs = { ...previewInputs(stage.cloud), 'preview-limit': '1' }
    expect((await one.on('opened', { inputs })).code).toBe(0)
    const refused = await other.on('opened', { inputs })
    expect(refused.code).toBe(1)
    expect(readable(refused)).toMatch(
      /::error::There are 1 previews already, of pull requests #7, and `preview-limit` is 1\./
    )
    await one.push('v3')
    expect((await one.on('synchronize', { inputs })).code).toBe(0)
    expect(await kinds()).toEqual(WHOLE)
  })

  test('a right that is missing is named with its document, and the next run continues', async () => {
    const pull = await opened(7)
    const isRule = (action: unknown): boolean => String(action).includes('CreateRule')
    stage.cloud.role.policy = {
      ...PULL_ROLE,
      Statement: PULL_ROLE.Statement.map((one) =>
        isRule(one.Action) ? { ...one, Action: ['elasticloadbalancing:CreateTargetGroup'] } : one
      )
    }
    const refused = await pull.on('opened', { inputs: previewInputs(stage.cloud) })
    expect(readable(refused)).toMatch(
      /::error::.*elasticloadbalancing:CreateRule.*allow the role elasticloadbalancing:CreateRule, as docs\/iam\/optional-preview-environments\.json does/
    )
    expect(await kinds()).toEqual(['target group'])
    stage.cloud.role.policy = PULL_ROLE
    expect((await pull.on('opened', { inputs: previewInputs(stage.cloud) })).code).toBe(0)
    expect(await kinds()).toEqual(WHOLE)
  })

  test('a label decides which pull requests have previews', async () => {
    const inputs = { ...previewInputs(stage.cloud), 'preview-label': 'preview' }
    const pull = await opened(7, ['bug'])
    const without = await pull.on('opened', { inputs })
    expect([without.code, await previewParts(stage.cloud)]).toEqual([0, []])
    expect(readable(without)).toContain('This pull request does not have the label preview (`preview-label`)')
    label(7, ['bug', 'Preview'])
    expect((await pull.on('labeled', { inputs })).code).toBe(0)
    expect(await kinds()).toEqual(WHOLE)
    label(7, [])
    const gone = await pull.on('unlabeled', { inputs })
    expect([gone.code, await previewParts(stage.cloud)]).toEqual([0, []])
  })

  test('a fork gets no environment, and its end asks nobody', async () => {
    const pull = await opened(7)
    const fork = { headRepository: 'somebody/example-app', inputs: previewInputs(stage.cloud) }
    const before = stage.cloud.requests.length
    expect((await pull.on('opened', fork)).code).toBe(0)
    expect((await pull.on('closed', fork)).code).toBe(0)
    const services = stage.cloud.requests.slice(before).map(({ service }) => service)
    expect(services.filter((service) => service !== 'github')).toEqual([])
  })
})

test('a pull request that is closed while its preview is made leaves nothing, and is shown as ended', async () => {
  stage = await openFastStage(SPEED, { previews: true, terminationWait: 0 })
  await live()
  const pull = await opened(7)
  const run = await pull.on('opened', {
    inputs: previewInputs(stage.cloud),
    onLog: (text) => {
      const [known] = stage.cloud.repository.pulls
      if (known !== undefined && text.includes('Started deployment')) known.state = 'closed'
    }
  })
  expect(run.code === 0 ? '' : readable(run)).toBe('')
  expect(readable(run)).toContain(
    'The pull request was closed meanwhile, so its preview is taken down again.'
  )
  expect(await previewParts(stage.cloud)).toEqual([])
  expect([pull.statuses(), pull.comments()]).toEqual([
    ['inactive'],
    [expect.stringMatching(/^### Preview ended\n\nThe pull request was closed\./)]
  ])
})

test('agents that come up later than the service waits for them are waited for', async () => {
  stage = await openFastStage(SPEED, { previews: true, agentSeconds: 400 })
  stage.cloud.role.policy = PULL_ROLE
  knownCommit(stage, 'v1')
  const pull = await opened(7)
  const run = await pull.on('opened', { inputs: previewInputs(stage.cloud) })
  const log = readable(run)
  expect(run.code === 0 ? '' : log).toBe('')
  expect(log).toMatch(
    /No agent has answered on the new instances of pr-7-\w+ \(d-\w+\): they may still be installing it\. Deploying again\./
  )
  expect(log).not.toContain('::error::')
  expect(pull.statuses()).toEqual(['success'])
})

describe('what nobody knows of AWS makes no difference', () => {
  test.each<[keyof Switches, string]>([
    ['launchHookBeforeFirstDeployment', 'waits'],
    ['launchHookBeforeFirstDeployment', 'abandons'],
    ['sameNameOtherTags', 'answers-the-first'],
    ['groupDeletedWithBrokenRole', 'refused']
  ])('%s: %s', async (name, position) => {
    stage = await openFastStage(SPEED, { previews: true, terminationWait: 0 })
    await live()
    Object.assign(stage.cloud.switches, { [name]: position })
    const pull = await opened(7)
    const inputs = previewInputs(stage.cloud)
    for (const action of ['opened', 'synchronize'] as const) {
      const run = await pull.on(action, { inputs })
      expect(run.code === 0 ? '' : readable(run)).toBe('')
    }
    expect(await kinds()).toEqual(WHOLE)
    // A service role that somebody deleted must not keep the instances.
    const role = stage.cloud.env['PREVIEW_SERVICE_ROLE_ARN'] ?? ''
    stage.cloud.planes.inspect.brokenRoles.set(role, 'gone')
    const end = await pull.on('closed', { inputs })
    expect(end.code === 0 ? '' : readable(end)).toBe('')
    expect(await previewParts(stage.cloud)).toEqual([])
  })
})

describe('the cleanup', () => {
  beforeEach(async () => {
    stage = await openFastStage(SPEED, { previews: true, terminationWait: 0 })
    await live()
  })

  test('lists what is over and takes it down, and leaves what is in use and what is foreign', async () => {
    const inputs = { ...previewInputs(stage.cloud), 'preview-label': 'preview' }
    for (const number of [7, 8, 9]) {
      const pull = await opened(number, ['preview'])
      const run = await pull.on('opened', { inputs })
      expect(run.code === 0 ? '' : readable(run)).toBe('')
    }
    await foreignRule(50, [PATHS])
    const [closed] = stage.cloud.repository.pulls
    if (closed !== undefined) closed.state = 'closed'
    label(8, [])
    const all = await previewParts(stage.cloud)
    const listed = await cleanUp({ 'preview-label': 'preview' })
    expect(listed.code === 0 ? '' : readable(listed)).toBe('')
    expect(await previewParts(stage.cloud)).toEqual(all)
    expect(readable(listed)).toMatch(
      /#7 .*over: The pull request was closed\.\s*\n.*#8 .*over: .*label preview/
    )
    expect(readable(listed)).toMatch(/#9 .*in use/)
    const done = await cleanUp({ 'preview-label': 'preview', 'dry-run': 'false' })
    expect(done.code === 0 ? '' : readable(done)).toBe('')
    expect(readable(done)).toContain('2 of 2 taken down.')
    expect(JSON.parse(done.outputs['cleanup'] ?? '[]')).toMatchObject([
      { kind: 'preview', number: 7, result: 'deleted', over: 'closed' },
      { kind: 'preview', number: 8, result: 'deleted', over: 'unlabeled' },
      { kind: 'preview', number: 9, result: 'in use' }
    ])
    expect(await kinds()).toEqual(['Auto Scaling group', 'deployment group', 'rule', 'rule', 'target group'])
    for (const deployment of stage.cloud.planes.inspect.deployments()) deployment.createdAt -= 2 * HOUR_MS
    expect(readable(await cleanUp({ 'preview-ttl-hours': '1' }))).toMatch(/#9 .*over: .*hours ago/)
    const late = await cleanUp({ 'preview-ttl-hours': '1', 'dry-run': 'false' })
    expect(readable(late)).toContain('1 of 1 taken down.')
    expect(await kinds()).toEqual(['rule'])
  })
})
