import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse } from 'yaml'
import { parseForm } from '../cloud/wire/form.js'
import { document } from '../cloud/wire/xml.js'
import { stackOf, template } from './template.js'

/**
 * As much of CloudFormation as the stock client needs to deploy examples/aws/stack.yaml and read its outputs. It makes nothing: what
 * the stack would contain comes from the template and the parameters that the client gave (API: CloudFormation, 2010-05-15).
 */
export interface CloudFormation {
  url: string
  /** The operations that were called, in order, without repetitions of the same one. */
  calls: string[]
  /** What the client created the stack with. */
  created: { parameters: Record<string, string>; capabilities: string[]; template: string }
  close(): Promise<void>
}

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/'
const STACK = 'arn:aws:cloudformation:ap-northeast-2:111122223333:stack/festival/1'

type Form = Record<string, unknown>

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

const outputsOf = (parameters: Record<string, string>): object[] => {
  const stack = stackOf(parameters)
  return Object.entries(template.Outputs).map(([name, { Description, Value }]) => ({
    OutputKey: name,
    OutputValue: String(stack.value(Value)),
    Description
  }))
}

const noSuchStack = {
  Error: { Type: 'Sender', Code: 'ValidationError', Message: 'Stack with id festival does not exist' }
}

/** Starts it on a free port. `exists` is whether the stack is there from the start. */
export const startCloudFormation = async (
  exists: Record<string, string> | undefined
): Promise<CloudFormation> => {
  const created: CloudFormation['created'] = { parameters: exists ?? {}, capabilities: [], template: '' }
  const calls: string[] = []
  let isThere = exists !== undefined
  const stack = (): object => ({
    StackName: 'festival',
    StackId: STACK,
    StackStatus: 'CREATE_COMPLETE',
    CreationTime: new Date(0),
    Outputs: outputsOf(created.parameters)
  })
  const create = (form: Form): object => {
    const given = form['Parameters'] as { ParameterKey: string; ParameterValue?: string }[]
    const own = given.filter(({ ParameterValue }) => ParameterValue !== undefined)
    created.parameters = Object.fromEntries(own.map((one) => [one.ParameterKey, one.ParameterValue ?? '']))
    created.capabilities = form['Capabilities'] as string[]
    created.template = String(form['TemplateBody'])
    return { Id: 'changes', StackId: STACK }
  }
  const answers: Record<string, (form: Form) => object | undefined> = {
    DescribeStacks: () => (isThere ? { Stacks: [stack()] } : undefined),
    CreateChangeSet: create,
    DescribeChangeSet: () => ({
      ChangeSetName: 'changes',
      StackName: 'festival',
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: 'AVAILABLE'
    }),
    ExecuteChangeSet: () => {
      isThere = true
      return {}
    },
    DeleteStack: () => {
      isThere = false
      return {}
    }
  }
  const server = createServer((request, response) => {
    void bodyOf(request).then((pairs) => {
      const operation = pairs.get('Action') ?? ''
      if (calls.at(-1) !== operation) calls.push(operation)
      const answer = answers[operation]?.(parseForm(pairs))
      const body =
        answer === undefined
          ? document('ErrorResponse', NAMESPACE, noSuchStack, 'member')
          : document(`${operation}Response`, NAMESPACE, { [`${operation}Result`]: answer }, 'member')
      response.writeHead(answer === undefined ? 400 : 200, { 'content-type': 'text/xml' }).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    created,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

/** The parameters of a template that a client sent, which need not be the one of this checkout. */
export const parametersIn = (text: string): string[] => {
  const quiet = parse(text, { logLevel: 'silent' }) as { Parameters: Record<string, unknown> }
  return Object.keys(quiet.Parameters)
}
