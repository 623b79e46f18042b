import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm'
import { factsOf } from '../domain/fault.js'
import type { Identity } from '../domain/identity.js'
import type { RunCommand } from '../ports.js'
import { type Connecting, open, patience } from './aws.js'
import { aborting, type Timeouts } from './client-config.js'
import { retrying, type RetryPolicy } from './retry.js'

/** The shortest time that SSM tries to deliver a command (API: SendCommand, TimeoutSeconds). */
const DELIVERY_SECONDS = 30

/** A command only reads, so that one which was sent twice after a lost answer does no harm. */
const runCommand = (client: SSMClient, policy: RetryPolicy): RunCommand => ({
  send: async (document, instanceId, parameters) => {
    const { Command } = await retrying(
      'SendCommand',
      (abortSignal) =>
        client.send(
          new SendCommandCommand({
            DocumentName: document,
            InstanceIds: [instanceId],
            Parameters: Object.fromEntries(
              Object.entries(parameters).map(([name, value]) => [name, [value]])
            ),
            TimeoutSeconds: DELIVERY_SECONDS,
            Comment: 'Logs of a failed deployment'
          }),
          aborting(abortSignal)
        ),
      policy
    )
    return Command?.CommandId ?? ''
  },
  invocation: async (commandId, instanceId) => {
    try {
      const answer = await retrying(
        'GetCommandInvocation',
        (abortSignal) =>
          client.send(
            new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }),
            aborting(abortSignal)
          ),
        policy
      )
      const { Status = '', StatusDetails = '', StandardOutputContent = '' } = answer
      return { status: Status, detail: StatusDetails, output: StandardOutputContent }
    } catch (error) {
      // For the first seconds after SendCommand (API: GetCommandInvocation).
      if (factsOf(error).name === 'InvocationDoesNotExist') return undefined
      throw error
    }
  }
})

/** Logs are only shown beside a failure, so a call is not retried for long, and not a word is written about it meanwhile. */
export const LOG_PATIENCE_MS = 10_000
export const LOG_TIMEOUTS: Timeouts = { connectMs: 3_000, requestMs: 5_000, silenceMs: 5_000 }

export const connectRunCommand = (
  region: string,
  identity: Identity,
  { timeouts = LOG_TIMEOUTS, ...connecting }: Connecting
): RunCommand =>
  runCommand(open(SSMClient, region, identity, { ...connecting, timeouts }), {
    ...patience(connecting, LOG_PATIENCE_MS, identity),
    tell: undefined
  })
