import { EC2Client, GetConsoleOutputCommand } from '@aws-sdk/client-ec2'
import { factsOf } from '../domain/fault.js'
import type { Identity } from '../domain/identity.js'
import type { ConsoleOutput } from '../ports.js'
import { type Connecting, open, patience } from './aws.js'
import { aborting } from './client-config.js'
import { retrying, type RetryPolicy } from './retry.js'
import { LOG_PATIENCE_MS, LOG_TIMEOUTS } from './run-command.js'

/**
 * Asks for the latest output. Instances that are not on Nitro refuse that, and only have what was written shortly after they
 * started (docs/service.md, reference 2.8).
 */
const consoleOutput = (client: EC2Client, policy: RetryPolicy): ConsoleOutput => {
  const read = async (instanceId: string, latest: boolean): Promise<string | undefined> => {
    const { Output } = await retrying(
      'GetConsoleOutput',
      (abortSignal) =>
        client.send(
          new GetConsoleOutputCommand({ InstanceId: instanceId, ...(latest ? { Latest: true } : {}) }),
          aborting(abortSignal)
        ),
      policy
    )
    return Output === undefined ? undefined : Buffer.from(Output, 'base64').toString('utf8')
  }
  return async (instanceId) => {
    try {
      return await read(instanceId, true)
    } catch (error) {
      if (factsOf(error).name !== 'UnsupportedOperation') throw error
      return read(instanceId, false)
    }
  }
}

export const connectConsole = (
  region: string,
  identity: Identity,
  { timeouts = LOG_TIMEOUTS, ...connecting }: Connecting
): ConsoleOutput =>
  consoleOutput(open(EC2Client, region, identity, { ...connecting, timeouts }), {
    ...patience(connecting, LOG_PATIENCE_MS, identity),
    tell: undefined
  })
