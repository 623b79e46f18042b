import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { trustPolicy } from '../cloud/identity/roles.js'
import { PLACE } from '../cloud/parts.js'
import { commitOf } from './app.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
beforeEach(async () => {
  stage = await openScriptedStage()
})
afterEach(() => stage.close())

const AUDIENCE = 'sts.amazonaws.com'
const trustOnly = (subject: string): void => {
  stage.cloud.role.trust = trustPolicy(PLACE.accountId, [subject], AUDIENCE)
}

describe('a trust policy that does not match', () => {
  test.each([
    ['names', 'repo:example-org/example-app:environment:production'],
    ['names-and-ids', 'repo:example-org@10001/example-app@20002:environment:production']
  ] as const)('is reported within 2 s, with the condition that would match (%s)', async (form, subject) => {
    stage.cloud.switches.subject = form
    trustOnly('repo:somebody/else:*')
    const run = await stage.deploy('v1')
    const log = readable(run)
    expect(run.code).toBe(1)
    const { requests } = stage.cloud
    expect(log).toContain(`sub=${subject}`)
    expect(log).toContain(`aud=${AUDIENCE}`)
    expect(log).toContain('repository=example-org/example-app')
    expect(log).toContain('"token.actions.githubusercontent.com:sub"')
    expect(log.split(subject).length).toBeGreaterThan(2)
    const refused = requests.filter(({ operation }) => operation === 'AssumeRoleWithWebIdentity')
    expect(refused.length).toBeGreaterThan(0)
    expect((refused.at(-1)?.time ?? 0) - (refused[0]?.time ?? 0)).toBeLessThan(2000)
    expect(requests.every(({ service }) => service === 'oidc' || service === 'sts')).toBe(true)
  })

  test('is fixed by pasting the condition from the error', async () => {
    trustOnly('repo:somebody/else:*')
    const log = readable(await stage.deploy('v1'))
      .replace(/%0A/g, '\n')
      .replace(/%25/g, '%')
    const statement = JSON.parse(/^\{\n[\s\S]*?^\}/m.exec(log)?.[0] ?? 'null') as object
    stage.cloud.role.trust = {
      Version: '2012-10-17',
      Statement: [statement]
    } as typeof stage.cloud.role.trust
    expect((await stage.deploy('v1')).code).toBe(0)
  })
})

test('without `id-token: write`, the error names that line', async () => {
  const run = await stage.deploy('v1', {
    env: { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' }
  })
  expect(run.code).toBe(1)
  expect(readable(run)).toContain('permissions: id-token: write')
  expect(stage.cloud.requests).toEqual([])
})

describe('the account', () => {
  test('of a role is rejected before any call if `allowed-account-ids` does not list it', async () => {
    const run = await stage.deploy('v1', { inputs: { 'allowed-account-ids': '210987654321' } })
    expect(run.code).toBe(1)
    expect(readable(run)).toMatch(/123456789012.*210987654321/)
    expect(stage.cloud.requests).toEqual([])
  })

  test('of ambient credentials is looked up and rejected', async () => {
    const run = await stage.deploy('v1', {
      inputs: { ...AMBIENT, 'allowed-account-ids': '210987654321' },
      env: keys()
    })
    expect(run.code).toBe(1)
    expect(readable(run)).toContain('belong to account 123456789012')
    expect(stage.cloud.requests.map(({ operation }) => operation)).toEqual(['GetCallerIdentity'])
  })
})

const AMBIENT = { 'role-to-assume': '' }
const keys = (): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: stage.cloud.env['AWS_ACCESS_KEY_ID'] ?? '',
  AWS_SECRET_ACCESS_KEY: stage.cloud.env['AWS_SECRET_ACCESS_KEY'] ?? ''
})

describe('credentials that the job already has', () => {
  test('are used for the deployment, without requesting a token', async () => {
    const run = await stage.deploy('v1', { inputs: AMBIENT, env: keys() })
    expect(run.code).toBe(0)
    expect(stage.cloud.requests.map(({ operation }) => operation)).not.toContain('GetIDToken')
    expect(readable(run)).not.toContain(keys()['AWS_SECRET_ACCESS_KEY'])
  })

  test('are reported if they are wrong', async () => {
    const run = await stage.deploy('v1', {
      inputs: AMBIENT,
      env: { ...keys(), AWS_SECRET_ACCESS_KEY: 'wrong' }
    })
    expect(run.code).toBe(1)
    expect(readable(run)).toContain('The credentials of the job do not work')
  })

  test('are reported if they are missing, with both ways to get some', async () => {
    const run = await stage.deploy('v1', { inputs: AMBIENT, env: { AWS_EC2_METADATA_DISABLED: 'true' } })
    expect(run.code).toBe(1)
    expect(readable(run)).toContain('There are no AWS credentials')
  })
})

describe('credentials that expire', () => {
  test('are renewed, with a new token each time', async () => {
    await stage.close()
    stage = await openScriptedStage({ credentialsSeconds: 2, script: { eventSeconds: 150 } })
    const run = await stage.deploy('v1')
    expect(run.code).toBe(0)
    const operations = stage.cloud.requests.map(({ operation }) => operation)
    expect(operations.filter((one) => one === 'GetIDToken').length).toBeGreaterThan(1)
    expect(operations.filter((one) => one === 'AssumeRoleWithWebIdentity').length).toBeGreaterThan(1)
  })

  test('are requested again if the service says that new ones have expired', async () => {
    stage.cloud.faults.add('GetDeployment:expired-token:2:2')
    expect((await stage.deploy('v1')).code).toBe(0)
  })
})

test('with debug logging each call is written, and nothing that the process writes contains a credential', async () => {
  const run = await stage.deploy('v1', {
    inputs: { 'github-token': 'ghs-for-the-subject', commit: commitOf('another') },
    env: { RUNNER_DEBUG: '1' }
  })
  expect(run.code).toBe(0)
  const masked = [...run.log.matchAll(/^::add-mask::(.+)$/gm)].map(([, secret = '']) => secret)
  expect(new Set(masked).size).toBe(3)
  expect(masked.some((one) => one.startsWith('eyJ'))).toBe(true)
  const written = `${run.log.replace(/^::add-mask::.*$/gm, '')}\n${run.files}`
  expect(written).toContain('d-')
  for (const call of ['STS AssumeRoleWithWebIdentity', 'S3 PutObject', 'CodeDeploy CreateDeployment'])
    expect(written).toMatch(new RegExp(`^::debug::${call}: 200 in \\d+ ms, request [\\w-]+$`, 'm'))
  for (const request of ['\\S+/oidc/token', '\\S+/repos/example-org/example-app/commits/[0-9a-f]{40}'])
    expect(written).toMatch(new RegExp(`^::debug::GET ${request}: \\d+ in \\d+ ms, request [\\w-]+$`, 'm'))
  expect(written).not.toMatch(/audience=|Bearer|ghs-for-the-subject/)
  for (const secret of [...masked, stage.cloud.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '?'])
    expect(written).not.toContain(secret)
  expect(written).not.toMatch(/eyJ[\w-]{20,}\.|ASIA[A-Z2-7]{16}|AWS4-HMAC/)
})
