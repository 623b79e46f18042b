import {
  ListApplicationsCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand
} from '@aws-sdk/client-codedeploy'
import { ListBucketsCommand } from '@aws-sdk/client-s3'
import {
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput
} from '@aws-sdk/client-sts'
import { fromWebToken } from '@aws-sdk/credential-providers'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createRemoteJWKSet, decodeJwt, jwtVerify, SignJWT } from 'jose'
import { steppedClock, type SteppedClock } from '../clock.js'
import { startCloud, type Cloud } from '../start.js'
import { clientsOf, idToken, refusalOf } from '../wire/clients.js'

let clock: SteppedClock
let cloud: Cloud
beforeEach(async () => {
  clock = steppedClock(Date.now())
  cloud = await startCloud({ scripted: true, instances: 1, clock })
})
afterEach(() => cloud.stop())

const assume = async (wishes: Partial<AssumeRoleWithWebIdentityCommandInput> = {}): Promise<unknown> =>
  clientsOf(cloud).sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: cloud.role.arn,
      RoleSessionName: 'run-1',
      WebIdentityToken: await idToken(cloud),
      ...wishes
    })
  )

const credentials = () =>
  fromWebToken({
    roleArn: cloud.role.arn,
    roleSessionName: 'run-1',
    webIdentityToken: token,
    clientConfig: { endpoint: cloud.url, region: 'ap-northeast-2' }
  })()
let token = ''
beforeEach(async () => {
  token = await idToken(cloud)
})

test('a token gets a session with the permissions of its role', async () => {
  const clients = clientsOf(cloud, { credentials: await credentials() })
  const identity = await clients.sts.send(new GetCallerIdentityCommand({}))
  expect(identity).toMatchObject({
    Account: '123456789012',
    Arn: 'arn:aws:sts::123456789012:assumed-role/GitHubActionsDeploy/run-1',
    UserId: expect.stringMatching(/^AROA\w+:run-1$/)
  })
  const own = {
    applicationName: cloud.env['APPLICATION_NAME'],
    deploymentGroupName: cloud.env['DEPLOYMENT_GROUP_NAME']
  }
  expect((await clients.codedeploy.send(new ListDeploymentsCommand(own))).deployments).toEqual([])
  await expect(clients.codedeploy.send(new ListApplicationsCommand({}))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `User: ${identity.Arn ?? ''} is not authorized to perform: codedeploy:ListApplications on resource: * because no identity-based policy allows the codedeploy:ListApplications action`
  })
  expect(await refusalOf(clients.s3.send(new ListBucketsCommand({})))).toBe('AccessDenied')
})

test('an explicitly denied action is denied, whatever else is allowed', async () => {
  cloud.role.policy.Statement.push({ Effect: 'Deny', Action: 'codedeploy:Stop*', Resource: '*' })
  const { codedeploy } = clientsOf(cloud, { credentials: await credentials() })
  await expect(codedeploy.send(new StopDeploymentCommand({ deploymentId: 'd-000000000' }))).rejects.toThrow(
    'with an explicit deny in an identity-based policy'
  )
})

test("a session expires by the cloud's clock", async () => {
  const { codedeploy, s3, sts } = clientsOf(cloud, { credentials: await credentials() })
  const list = (): Promise<string> => refusalOf(codedeploy.send(new ListDeploymentsCommand({})))
  await clock.advance(3_590_000)
  expect(await list()).not.toBe('ExpiredTokenException')
  await clock.advance(20_000)
  expect(await list()).toBe('ExpiredTokenException')
  expect(await refusalOf(s3.send(new ListBucketsCommand({})))).toBe('ExpiredToken')
  expect(await refusalOf(sts.send(new GetCallerIdentityCommand({})))).toBe('ExpiredToken')
})

describe('a session is refused', () => {
  test.each<[string, Partial<AssumeRoleWithWebIdentityCommandInput>, string, number, string]>([
    [
      'for an invalid ARN',
      { RoleArn: 'arn:aws:iam::123456789012:user/x-long-enough' },
      'ValidationError',
      400,
      'Request ARN is invalid'
    ],
    [
      'for a role that does not exist',
      { RoleArn: 'arn:aws:iam::123456789012:role/nobody' },
      'AccessDenied',
      403,
      'Not authorized to perform sts:AssumeRoleWithWebIdentity'
    ],
    [
      'for longer than the role allows',
      { DurationSeconds: 7200 },
      'ValidationError',
      400,
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'
    ],
    [
      'for less than 900 seconds',
      { DurationSeconds: 60 },
      'ValidationError',
      400,
      'greater than or equal to 900'
    ],
    ['for a name with a space', { RoleSessionName: 'a b' }, 'ValidationError', 400, 'roleSessionName'],
    [
      'for something that is not a JWT',
      { WebIdentityToken: 'no-token' },
      'InvalidIdentityTokenException',
      400,
      'not a valid JWT'
    ]
  ])('%s', async (_name, wishes, name, status, message) => {
    await expect(assume(wishes)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
      $metadata: { httpStatusCode: status }
    })
  })

  test('for another audience', async () => {
    const WebIdentityToken = await idToken(cloud, 'other')
    await expect(assume({ WebIdentityToken })).rejects.toThrow('Incorrect token audience')
  })

  test('for a token signed by somebody else', async () => {
    const forge = (issuer: string): Promise<string> =>
      new SignJWT(decodeJwt(token))
        .setIssuer(issuer)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new Uint8Array(32))
    const own = await forge('https://token.actions.githubusercontent.com')
    await expect(assume({ WebIdentityToken: own })).rejects.toMatchObject({
      name: 'InvalidIdentityTokenException'
    })
    const other = await forge('https://example.test')
    await expect(assume({ WebIdentityToken: other })).rejects.toThrow(
      'No OpenIDConnect provider found in your account for https://example.test'
    )
  })

  test('for a token older than five minutes', async () => {
    await clock.advance(310_000)
    await expect(assume({ WebIdentityToken: token })).rejects.toMatchObject({
      name: 'ExpiredTokenException',
      message: expect.stringContaining('Token too old')
    })
  })

  test('for a subject that the role does not trust', async () => {
    cloud.run.repository = 'Other-App'
    await expect(assume()).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })
  })
})

describe('the token of a job', () => {
  test('has the branch, environment or pull request in its subject, in both forms', async () => {
    const subject = async (): Promise<unknown> => decodeJwt(await idToken(cloud)).sub
    delete cloud.run.environment
    expect(await subject()).toBe('repo:example-org/example-app:ref:refs/heads/main')
    cloud.run.event = 'pull_request'
    expect(await subject()).toBe('repo:example-org/example-app:pull_request')
    cloud.run.environment = 'production'
    expect(await subject()).toBe('repo:example-org/example-app:environment:production')
    cloud.switches.subject = 'names-and-ids'
    expect(await subject()).toBe('repo:example-org@10001/example-app@20002:environment:production')
    await expect(assume()).resolves.toBeDefined()
  })

  test('can be verified with the published keys', async () => {
    const keys = createRemoteJWKSet(new URL(`${cloud.url}/_github/oidc/.well-known/jwks`))
    const { payload } = await jwtVerify(token, keys, { audience: 'sts.amazonaws.com' })
    expect(payload.iss).toBe('https://token.actions.githubusercontent.com')
  })

  test('is only given to callers with the request token', async () => {
    const url = cloud.env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''
    const answer = await fetch(url, { headers: { authorization: 'Bearer guessed' } })
    expect([answer.status, await answer.json()]).toMatchObject([401, { message: 'Bad credentials' }])
  })
})
