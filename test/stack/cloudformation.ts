import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseForm } from '../cloud/wire/form.js'
import { document } from '../cloud/wire/xml.js'
import { stackOf, templateIn } from './template.js'

/**
 * As much of CloudFormation as the stock client needs to deploy the templates of examples/aws and read their outputs. It makes nothing:
 * what a stack would contain comes from the template and the parameters that the client gave (API: CloudFormation, 2010-05-15).
 */
export interface CloudFormation {
  url: string
  /** The operations that were called, in order, without repetitions of the same one. */
  calls: string[]
  /** The stacks that are there, by name. */
  stacks: Map<string, CreatedStack>
  close(): Promise<void>
}

/** What a stack was created with. */
export interface CreatedStack {
  parameters: Record<string, string>
  capabilities: string[]
  template: string
}

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/'
const idOf = (name: string): string => `arn:aws:cloudformation:ap-northeast-2:111122223333:stack/${name}/1`

type Form = Record<string, unknown>

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

const outputsOf = ({ parameters, template }: CreatedStack): object[] => {
  const from = templateIn(template)
  const stack = stackOf(parameters, from)
  return Object.entries(from.Outputs).map(([name, { Description, Value }]) => ({
    OutputKey: name,
    OutputValue: String(stack.value(Value)),
    Description
  }))
}

/** The template's parameters that the client gives a value; it names the others too, without one. */
const parametersOf = (form: Form): Record<string, string> => {
  const given = form['Parameters'] as { ParameterKey: string; ParameterValue?: string }[]
  const own = given.filter(({ ParameterValue }) => ParameterValue !== undefined)
  return Object.fromEntries(own.map((one) => [one.ParameterKey, one.ParameterValue ?? '']))
}

const noStack = (name: string): object => ({
  Error: { Type: 'Sender', Code: 'ValidationError', Message: `Stack with id ${name} does not exist` }
})

/** Starts it on a free port, with the stacks that are there already. */
export const startCloudFormation = async (
  there: Readonly<Record<string, CreatedStack>> = {}
): Promise<CloudFormation> => {
  const [stacks, asked] = [new Map(Object.entries(there)), new Map<string, CreatedStack>()]
  const calls: string[] = []
  const described = (name: string, stack: CreatedStack): object => ({
    StackName: name,
    StackId: idOf(name),
    StackStatus: 'CREATE_COMPLETE',
    CreationTime: new Date(0),
    Outputs: outputsOf(stack)
  })
  const answers: Record<string, (name: string, form: Form) => object | undefined> = {
    DescribeStacks: (name) => {
      const stack = stacks.get(name)
      return stack && { Stacks: [described(name, stack)] }
    },
    CreateChangeSet: (name, form) => {
      asked.set(name, {
        parameters: parametersOf(form),
        capabilities: form['Capabilities'] as string[],
        template: String(form['TemplateBody'])
      })
      return { Id: 'changes', StackId: idOf(name) }
    },
    DescribeChangeSet: (name) => ({
      ChangeSetName: 'changes',
      StackName: name,
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: 'AVAILABLE'
    }),
    ExecuteChangeSet: (name) => {
      const stack = asked.get(name)
      if (stack === undefined) return undefined
      stacks.set(name, stack)
      return {}
    },
    DeleteStack: (name) => {
      stacks.delete(name)
      return {}
    }
  }
  const server = createServer((request, response) => {
    void bodyOf(request).then((pairs) => {
      const [operation, name] = [pairs.get('Action') ?? '', pairs.get('StackName') ?? '']
      if (calls.at(-1) !== operation) calls.push(operation)
      const answer = answers[operation]?.(name, parseForm(pairs))
      const body =
        answer === undefined
          ? document('ErrorResponse', NAMESPACE, noStack(name), 'member')
          : document(`${operation}Response`, NAMESPACE, { [`${operation}Result`]: answer }, 'member')
      response.writeHead(answer === undefined ? 400 : 200, { 'content-type': 'text/xml' }).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    stacks,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
