import type { Fleets } from '../autoscaling/fleets.js'
import { ServiceError, type JsonOperations } from '../contract.js'
import type { Need } from '../identity/authorize.js'
import type { Commands } from './commands.js'
import type { SsmDocuments } from './documents.js'
import type { Inventory } from './inventory.js'

type Input = Record<string, unknown>

const required = (input: Input, member: string): string => {
  const value = input[member]
  if (typeof value === 'string' && value !== '') return value
  throw new ServiceError('ValidationException', `Value null at '${member}' failed to satisfy constraint`)
}

const ids = (input: Input): string[] =>
  Array.isArray(input['InstanceIds']) ? (input['InstanceIds'] as string[]) : []

/** The first value of each parameter; the documents of this cloud have no lists. */
const parametersOf = (input: Input): Record<string, string> =>
  Object.fromEntries(
    Object.entries((input['Parameters'] ?? {}) as Record<string, string[]>).map(([name, [value = '']]) => [
      name,
      value
    ])
  )

const checkSend = (input: Input): void => {
  const { TimeoutSeconds: timeout = 3600, Comment: comment = '' } = input
  if (typeof timeout !== 'number' || timeout < 30 || timeout > 2_592_000)
    throw new ServiceError('ValidationException', `TimeoutSeconds ${String(timeout)} is not 30 to 2592000.`)
  if (String(comment).length > 100)
    throw new ServiceError('ValidationException', 'Comment has more than 100 characters.')
  if (ids(input).length === 0 || ids(input).length > 50)
    throw new ServiceError('ValidationException', 'InstanceIds takes 1 to 50 instances.')
}

const listEntries = (inventory: Inventory, input: Input): object => {
  const [id, type] = [required(input, 'InstanceId'), required(input, 'TypeName')]
  const { MaxResults: most = 50, NextToken: token = '0' } = input
  if (typeof most !== 'number' || most < 1 || most > 50)
    throw new ServiceError('ValidationException', `MaxResults ${String(most)} is not 1 to 50.`)
  const all = type === 'AWS:Application' ? inventory.applications(id) : []
  const [from, to] = [Number(token), Number(token) + most]
  return {
    ...{ TypeName: type, InstanceId: id, SchemaVersion: '1.1', Entries: all.slice(from, to) },
    NextToken: to < all.length ? String(to) : ''
  }
}

/** Systems Manager, as far as documents, Run Command and the inventory go. */
export const ssmOperations = (
  documents: SsmDocuments,
  commands: Commands,
  inventory: Inventory
): JsonOperations => ({
  ListInventoryEntries: (input) => listEntries(inventory, input),
  CreateDocument: (input) => {
    const name = required(input, 'Name')
    documents.create(name, required(input, 'Content'))
    return { DocumentDescription: { Name: name, DocumentVersion: '1', Status: 'Active' } }
  },
  SendCommand: (input) => {
    checkSend(input)
    const name = required(input, 'DocumentName')
    const commandId = commands.send(name, ids(input), parametersOf(input))
    return {
      Command: { CommandId: commandId, DocumentName: name, InstanceIds: ids(input), Status: 'Pending' }
    }
  },
  GetCommandInvocation: (input) => {
    const commandId = required(input, 'CommandId')
    const found = commands.invocation(commandId, required(input, 'InstanceId'))
    return {
      CommandId: commandId,
      InstanceId: found.instanceId,
      DocumentName: found.documentName,
      Status: found.status,
      StatusDetails: found.statusDetails,
      ResponseCode: found.responseCode,
      StandardOutputContent: found.output,
      StandardErrorContent: found.errors
    }
  }
})

interface Place {
  region: string
  accountId: string
}

export const instanceArn = ({ region, accountId }: Place, id: string): string =>
  `arn:aws:ec2:${region}:${accountId}:instance/${id}`

/** The tags of an instance as a policy's conditions see them: `ssm:resourceTag/NAME`, `ec2:ResourceTag/NAME`. */
export const tagKeys = (fleets: Fleets, prefix: string, id: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fleets.instance(id)?.tags ?? {}).map(([key, value]) => [`${prefix}/${key}`, value])
  )

/** SendCommand needs the document and each instance (service authorization reference: ssm). */
export const ssmNeeds = (operation: string, input: Input, place: Place, fleets: Fleets): Need[] => {
  const action = `ssm:${operation}`
  const document = (name: unknown): string =>
    `arn:aws:ssm:${place.region}:${place.accountId}:document/${String(name)}`
  if (operation === 'CreateDocument') return [{ action, resource: document(input['Name']) }]
  if (operation !== 'SendCommand') return [{ action, resource: '*' }]
  return [
    { action, resource: document(input['DocumentName']) },
    ...ids(input).map((id) => ({
      action,
      resource: instanceArn(place, id),
      context: tagKeys(fleets, 'ssm:resourceTag', id)
    }))
  ]
}
