import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EC2Client, GetConsoleOutputCommand } from '@aws-sdk/client-ec2'
import {
  CreateDocumentCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  SSMClient
} from '@aws-sdk/client-ssm'
import { afterEach, describe, expect, test } from '@jest/globals'
import { steppedClock } from '../clock.js'
import { policyOf } from '../identity/documents.js'
import { PLACE } from '../parts.js'
import { startCloud, type Cloud, type StartOptions } from '../start.js'
import { administrator, refusalOf, roleCredentials } from '../wire/clients.js'

const DOCUMENT = readFileSync(
  join(import.meta.dirname, '../../../examples/aws/codedeploy-instance-logs.yaml'),
  'utf8'
)
const NAME = 'codedeploy-instance-logs'
const PARAMETERS = { deploymentId: ['d-ABCDEFGHI'], groupId: ['11111111-2222-3333-4444-555555555555'] }

let cloud: Cloud
let clock: ReturnType<typeof steppedClock>
afterEach(() => cloud.stop())

const open = async (options: StartOptions = {}): Promise<void> => {
  clock = steppedClock(Date.now())
  cloud = await startCloud({ scripted: true, clock, ...options })
}
const place = (credentials = administrator(cloud)) => ({
  endpoint: cloud.url,
  region: PLACE.region,
  credentials,
  maxAttempts: 1
})
const id = (): string => cloud.planes.inspect.fleets.allInstances()[0]?.id ?? ''

const send = (client: SSMClient, more: object = {}) =>
  client.send(
    new SendCommandCommand({ DocumentName: NAME, InstanceIds: [id()], Parameters: PARAMETERS, ...more })
  )

const created = async (): Promise<SSMClient> => {
  const client = new SSMClient(place())
  await client.send(
    new CreateDocumentCommand({
      Name: NAME,
      Content: DOCUMENT,
      DocumentType: 'Command',
      DocumentFormat: 'YAML'
    })
  )
  return client
}

/** The invocation once it is over. */
const ended = async (client: SSMClient, CommandId = '') => {
  for (;;) {
    const command = new GetCommandInvocationCommand({ CommandId, InstanceId: id() })
    const found = await client.send(command).catch(() => undefined)
    if (found !== undefined && !['Pending', 'InProgress'].includes(found.Status ?? '')) return found
    await clock.advance(1000)
  }
}

describe('a command', () => {
  test('is not known at first, and then has what its script printed, cut at 24,000 characters', async () => {
    const ran: string[] = []
    await open({
      script: {
        shell: (script) => {
          ran.push(script)
          return { stdout: 'x'.repeat(30_000), stderr: 'e', code: 0 }
        }
      }
    })
    const client = await created()
    const { Command } = await send(client)
    const question = new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId: id() })
    expect(await refusalOf(client.send(question))).toBe('InvocationDoesNotExist')
    const end = await ended(client, Command?.CommandId)
    expect(end).toMatchObject({ Status: 'Success', ResponseCode: 0, StandardErrorContent: 'e' })
    expect(end.StandardOutputContent).toHaveLength(24_000)
    expect(ran[0]).toContain(
      "'/opt/codedeploy-agent/deployment-root/11111111-2222-3333-4444-555555555555/d-ABCDEFGHI/logs/scripts.log'"
    )
  })

  test('fails with the code of its script', async () => {
    await open({ script: { shell: () => ({ code: 3 }) } })
    const client = await created()
    const { Command } = await send(client)
    expect(await ended(client, Command?.CommandId)).toMatchObject({ Status: 'Failed', ResponseCode: 3 })
  })

  test.each([
    ['a document that does not exist', { DocumentName: 'other' }, 'InvalidDocument'],
    ['an instance that does not exist', { InstanceIds: ['i-00000000000000000'] }, 'InvalidInstanceId'],
    ['a missing parameter', { Parameters: {} }, 'InvalidParameters'],
    ['another parameter', { Parameters: { ...PARAMETERS, commands: ['id'] } }, 'InvalidParameters'],
    ['a path as a parameter', { Parameters: { ...PARAMETERS, groupId: ['../../etc'] } }, 'InvalidParameters'],
    [
      'a command as a parameter',
      { Parameters: { ...PARAMETERS, deploymentId: ["d-ABCD';id;'"] } },
      'InvalidParameters'
    ],
    [
      'a second line as a parameter',
      { Parameters: { ...PARAMETERS, deploymentId: ['d-ABCD\nid'] } },
      'InvalidParameters'
    ]
  ])('with %s is refused', async (_, more, name) => {
    await open()
    expect(await refusalOf(send(await created(), more))).toBe(name)
  })

  test('for an instance whose SSM agent is not online is refused', async () => {
    await open()
    const client = await created()
    cloud.planes.inspect.commands.offline.add(id())
    await expect(send(client)).rejects.toMatchObject({
      name: 'InvalidInstanceId',
      message: `Instances [[${id()}]] not in a valid state for account 123456789012`
    })
  })
})

test('the documented policy allows this document alone, on tagged instances alone', async () => {
  await open()
  await created()
  cloud.role.policy = policyOf(PLACE, 'optional-instance-logs.json')
  const client = new SSMClient(place(await roleCredentials(cloud)))
  const { Command } = await send(client)
  expect(await ended(client, Command?.CommandId)).toMatchObject({ Status: 'Success' })
  expect(await refusalOf(send(client, { DocumentName: 'AWS-RunShellScript' }))).toBe('AccessDeniedException')
  const instance = cloud.planes.inspect.fleets.allInstances()[0]
  if (instance !== undefined) instance.tags = { 'codedeploy-instance-logs': 'another' }
  await expect(send(client)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(
      `ssm:SendCommand on resource: arn:aws:ec2:ap-northeast-2:123456789012:instance/${id()}`
    )
  })
})

describe('console output', () => {
  const read = async (options: { Latest?: boolean; InstanceId?: string; asRole?: boolean } = {}) => {
    const { asRole = false, ...input } = options
    const client = new EC2Client(place(asRole ? await roleCredentials(cloud) : administrator(cloud)))
    return client.send(new GetConsoleOutputCommand({ InstanceId: id(), ...input }))
  }

  test('is in base64, and absent while there is none', async () => {
    let text = ''
    await open({ script: { console: () => text } })
    expect((await read()).Output).toBeUndefined()
    text = 'login: 둘째'
    expect(await read({ Latest: true })).toMatchObject({
      InstanceId: id(),
      Output: Buffer.from(text).toString('base64')
    })
  })

  test('is refused by name: the latest of an older instance type, and an unknown instance', async () => {
    await open()
    cloud.switches.latestConsole = 'refused'
    expect(await refusalOf(read({ Latest: true }))).toBe('UnsupportedOperation')
    expect(await refusalOf(read())).toBe('none')
    expect(await refusalOf(read({ InstanceId: 'i-0' }))).toBe('InvalidInstanceID.NotFound')
  })

  test('is allowed by the documented policy on tagged instances alone', async () => {
    await open()
    cloud.role.policy = policyOf(PLACE, 'optional-instance-console.json')
    expect(await refusalOf(read({ asRole: true }))).toBe('none')
    const instance = cloud.planes.inspect.fleets.allInstances()[0]
    if (instance !== undefined) instance.tags = {}
    expect(await refusalOf(read({ asRole: true }))).toBe('UnauthorizedOperation')
  })
})
