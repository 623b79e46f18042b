import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { without } from '../policies/documents.js'
import { policyOf, type RoleDocument } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { commitOf } from './app.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
beforeEach(async () => {
  stage = await openScriptedStage({ terminationWait: 0 })
  for (const version of ['v1', 'v2'])
    expect((await stage.deploy(version, { inputs: { 'wait-for': 'complete' } })).code).toBe(0)
})
afterEach(() => stage.close())

/** From here on, the role has only this policy of docs/iam. */
const has = (file: RoleDocument): void => {
  stage.cloud.role.policy = policyOf(PLACE, file)
}

const made = (): number => stage.cloud.planes.inspect.deployments().length
const keys = (): string[] => [...(stage.cloud.store.buckets.get(PLACE.bucket)?.objects.keys() ?? [])].sort()

test('a role that only reads shows the list and the history, and can do no more', async () => {
  has('read-policy.json')
  const before = keys()
  const list = await stage.rollback('')
  expect(list.code).toBe(0)
  expect(readable(list)).toContain(commitOf('v1').slice(0, 8))
  expect(readable(list)).not.toContain('::warning::')
  expect((await stage.history({ inputs: { 's3-bucket': PLACE.bucket } })).code).toBe(0)
  const back = await stage.rollback(commitOf('v1'))
  expect([back.code, made()]).toEqual([1, 2])
  expect(readable(back)).toMatch(/allow the role codedeploy:\w+, as docs\/iam\/rollback-policy\.json does/)
  expect(keys()).toEqual(before)
})

test('a role that rolls back brings a commit back and holds the group, but stores no bundle', async () => {
  has('rollback-policy.json')
  const back = await stage.rollback(commitOf('v1'), {
    inputs: { hold: 'true', reason: 'checkout is broken' }
  })
  expect([back.code, back.outputs['live-commit']]).toEqual([0, commitOf('v1')])
  expect(readable(back)).not.toMatch(/::warning::.*cannot be/)
  expect(
    (await stage.run({ inputs: { command: 'release', reason: 'fixed', 'poll-seconds': '' } })).code
  ).toBe(0)
  const before = keys()
  const deploy = await stage.deploy('v3')
  expect([deploy.code, made()]).toEqual([1, 3])
  expect(readable(deploy)).toContain('s3:PutObject')
  expect(keys()).toEqual(before)
})

test('what a role may not check is said once, with the permission', async () => {
  stage.cloud.role.policy = without(policyOf(PLACE, 'rollback-policy.json'), 's3:GetObjectVersion')
  const lacks = /cannot be checked: .*s3:GetObjectVersion, as docs\/iam\/rollback-policy\.json does/g
  expect(readable(await stage.rollback('')).match(lacks)).toHaveLength(1)
  const back = await stage.rollback(commitOf('v1'))
  expect(back.code).toBe(0)
  expect(readable(back).match(lacks)).toHaveLength(1)
  expect(readable(back)).toMatch(
    /^::warning::Whether bundles are still stored as they were deployed cannot be checked/m
  )
})
