import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromNodeProviderChain, fromWebToken } from '@aws-sdk/credential-providers'
import { factsOf } from '../domain/fault.js'
import type { AssumeRole, Credentials } from '../domain/identity.js'
import { clientConfig, type Timeouts } from './clients.js'
import { patiently, type Patience } from './retry.js'

/** The two calls of identification, and the credentials that a job may have by itself. */
export interface Sts {
  assumeRole: (request: AssumeRole) => Promise<Credentials>
  ambient: () => Promise<Credentials>
  account: (credentials: Credentials) => Promise<string>
}

/**
 * AWS could not fetch GitHub's keys at that moment: the one InvalidIdentityToken that passes by itself (captures §9). There
 * is no other sign of it than the sentence.
 */
const isPassing = (error: unknown): boolean => {
  const { name, message } = factsOf(error)
  return name.startsWith('IDPCommunicationError') || /verification key/i.test(message)
}

const throttledName = (error: unknown): unknown =>
  isPassing(error) ? Object.assign(new Error(factsOf(error).message), { name: 'ThrottlingException' }) : error

/** STS in one region. A token that is refused is not asked about twice; lost answers are. */
export const sts = (region: string, timeouts: Timeouts, patience: Patience): Sts => {
  const config = clientConfig(region, timeouts)
  return {
    assumeRole: ({ roleArn, sessionName, durationSeconds, token }) =>
      patiently(
        'AssumeRoleWithWebIdentity',
        async () => {
          try {
            return await fromWebToken({
              roleArn,
              roleSessionName: sessionName,
              durationSeconds,
              webIdentityToken: token,
              clientConfig: config
            })()
          } catch (error) {
            throw throttledName(error)
          }
        },
        patience
      ),
    ambient: async () => fromNodeProviderChain({ clientConfig: config })(),
    account: async (credentials) => {
      const client = new STSClient({ ...config, credentials })
      const answer = await patiently(
        'GetCallerIdentity',
        () => client.send(new GetCallerIdentityCommand({})),
        patience
      )
      return answer.Account ?? 'unknown'
    }
  }
}
