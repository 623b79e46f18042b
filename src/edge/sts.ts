import type { Sts } from '../ports.js'
import {
  AssumeRoleWithWebIdentityCommand,
  type Credentials as SdkCredentials,
  GetCallerIdentityCommand,
  STSClient
} from '@aws-sdk/client-sts'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { factsOf } from '../domain/fault.js'
import type { Credentials } from '../domain/identity.js'
import { aborting, clientConfig, type Timeouts } from './client-config.js'
import type { Connection } from './connection.js'
import { type RetryPolicy, retrying } from './retry.js'
import { type Trace, traced } from './trace.js'

/**
 * AWS could not fetch GitHub's keys at that moment: the only temporary InvalidIdentityToken (docs/service.md, captures 9). Only
 * its message shows that.
 */
const isPassing = (error: unknown): boolean => {
  const { name, message } = factsOf(error)
  return name.startsWith('IDPCommunicationError') || /verification key/i.test(message)
}

const throttledName = (error: unknown): unknown =>
  isPassing(error) ? Object.assign(new Error(factsOf(error).message), { name: 'ThrottlingException' }) : error

/** An answer without credentials counts as unreadable, so the call is retried. */
const toCredentials = (given: SdkCredentials | undefined): Credentials => {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {}
  if (AccessKeyId === undefined || SecretAccessKey === undefined)
    throw new SyntaxError('AssumeRoleWithWebIdentity answered without credentials')
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
    ...(Expiration === undefined ? {} : { expiration: Expiration })
  }
}

/** The `Date` header has whole seconds, and the answer takes a while to arrive: less than this counts as no difference. */
const NO_DIFFERENCE_MS = 10_000

/** How far the service's clock is ahead of this machine's, from the `Date` header of each answer, including refusals. */
const comparing = (connection: Connection): { connection: Connection; aheadMs: () => number } => {
  let aheadMs = 0
  return {
    aheadMs: () => aheadMs,
    connection: {
      ...connection,
      handle: async (...request) => {
        const answer = await connection.handle(...request)
        const difference = Date.parse(answer.response.headers['date'] ?? '') - Date.now()
        if (!Number.isNaN(difference)) aheadMs = Math.abs(difference) < NO_DIFFERENCE_MS ? 0 : difference
        return answer
      }
    }
  }
}

/** STS in one region. A refused token is final; lost answers are retried. */
export const sts = (region: string, timeouts: Timeouts, patience: RetryPolicy, trace?: Trace): Sts => {
  const config = clientConfig(region, timeouts)
  const { connection, aheadMs } = comparing(config.requestHandler)
  config.requestHandler = connection
  const anonymous = traced(new STSClient(config), trace)
  return {
    now: () => patience.clock.now() + aheadMs(),
    assumeRole: ({ roleArn, sessionName, durationSeconds, token }) =>
      retrying(
        'AssumeRoleWithWebIdentity',
        async (signal) => {
          const request = new AssumeRoleWithWebIdentityCommand({
            RoleArn: roleArn,
            RoleSessionName: sessionName,
            DurationSeconds: durationSeconds,
            WebIdentityToken: token
          })
          try {
            return toCredentials((await anonymous.send(request, aborting(signal))).Credentials)
          } catch (error) {
            throw throttledName(error)
          }
        },
        patience
      ),
    ambient: async () => fromNodeProviderChain({ clientConfig: config })(),
    account: async (credentials) => {
      const client = traced(new STSClient({ ...config, credentials }), trace)
      const answer = await retrying(
        'GetCallerIdentity',
        (signal) => client.send(new GetCallerIdentityCommand({}), aborting(signal)),
        patience
      )
      return answer.Account ?? 'unknown'
    }
  }
}
