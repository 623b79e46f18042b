import { Readable } from 'node:stream'
import { CodeDeployClient } from '@aws-sdk/client-codedeploy'
import type { Credentials } from '../../src/domain/identity.js'
import { alwaysAsked, clientConfig, defaultTimeouts } from '../../src/edge/client-config.js'

/** One call as it is sent. */
export interface WireCall {
  operation: string
  body: Record<string, unknown>
  headers: Record<string, string>
}

/** The service's answer: a status and a body, or a connection error. */
export type WireAnswer = { status?: number; json?: unknown; text?: string } | Error

/** A real SDK client whose connection is a function: a test asserts the calls and gives the answers. */
export const wiredClient = (
  answer: (call: WireCall) => WireAnswer | Promise<WireAnswer>,
  credentials: () => Promise<Credentials> = () =>
    Promise.resolve({ accessKeyId: 'AKIA', secretAccessKey: 'secret' })
): { client: CodeDeployClient; calls: WireCall[] } => {
  const calls: WireCall[] = []
  const handle = async (request: { headers: Record<string, string>; body: Uint8Array }) => {
    const call = {
      operation: request.headers['x-amz-target']?.split('.')[1] ?? '',
      body: JSON.parse(new TextDecoder().decode(request.body)) as Record<string, unknown>,
      headers: request.headers
    }
    calls.push(call)
    const given = await answer(call)
    if (given instanceof Error) throw given
    const text = given.text ?? JSON.stringify(given.json ?? {})
    return {
      response: { statusCode: given.status ?? 200, headers: {}, body: Readable.from([Buffer.from(text)]) }
    }
  }
  const client = new CodeDeployClient({
    ...clientConfig('us-east-1', defaultTimeouts),
    credentials: alwaysAsked({ credentials }),
    requestHandler: { handle } as never
  })
  return { client, calls }
}

/** An exception as the service sends it. */
export const exception = (name: string, message = 'refused', status = 400): WireAnswer => ({
  status,
  json: { __type: name, message }
})
