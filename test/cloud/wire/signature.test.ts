import { ListApplicationsCommand } from '@aws-sdk/client-codedeploy'
import { ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startCloud, type Cloud } from '../start.js'
import { administrator, clientsOf, refusalOf } from './clients.js'

let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud({ scripted: true, instances: 1, timeScale: 10_000 })
})
afterAll(() => cloud.stop())

describe('a call is refused in its own protocol', () => {
  test.each([
    [
      'by an unknown key',
      { accessKeyId: 'AKIANOBODY' },
      ['UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidAccessKeyId']
    ],
    [
      'with a wrong secret',
      { secretAccessKey: 'wrong' },
      ['InvalidSignatureException', 'SignatureDoesNotMatch', 'SignatureDoesNotMatch']
    ],
    [
      "with a session token that is not the key's",
      { sessionToken: 'x' },
      ['UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidToken']
    ]
  ])('%s', async (_name, wrong, [json, query, s3]) => {
    const clients = clientsOf(cloud, { credentials: { ...administrator(cloud), ...wrong } })
    expect(await refusalOf(clients.codedeploy.send(new ListApplicationsCommand({})))).toBe(json)
    expect(await refusalOf(clients.sts.send(new GetCallerIdentityCommand({})))).toBe(query)
    expect(await refusalOf(clients.s3.send(new ListBucketsCommand({})))).toBe(s3)
  })

  test('without a signature', async () => {
    const anonymous = await fetch(`${cloud.url}/`, {
      headers: { 'x-amz-target': 'CodeDeploy_20141006.ListApplications' },
      method: 'POST',
      body: '{}'
    })
    expect(await anonymous.json()).toEqual({
      __type: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token'
    })
    expect((await fetch(`${cloud.url}/`)).status).toBe(403)
  })
})

test.each(['a b', '한글/키.zip', "it's (1)+*!.zip", 'a//b', '%41', '~x=y&z?', 'a:b@c,d;e$'])(
  'the key %s is signed in the form that the SDK escapes',
  async (Key) => {
    const { s3 } = clientsOf(cloud)
    const put = s3.send(new PutObjectCommand({ Bucket: cloud.env['S3_BUCKET'], Key, Body: 'x' }))
    expect(await refusalOf(put)).toBe('none')
    expect(cloud.store.buckets.get(cloud.env['S3_BUCKET'] ?? '')?.objects.has(Key)).toBe(true)
  }
)

test('another region does not know the applications of this one', async () => {
  const { codedeploy } = clientsOf(cloud, { region: 'eu-west-1' })
  expect((await codedeploy.send(new ListApplicationsCommand({}))).applications).toEqual([])
})
