import {
  GetInstanceProfileCommand,
  GetRoleCommand,
  type IAMClient,
  SimulatePrincipalPolicyCommand
} from '@aws-sdk/client-iam'
import type { CheckReads } from '../check-port.js'
import { factsOf } from '../domain/fault.js'
import type { Call } from './client-config.js'

/** What `check` reads of IAM. */
export const ofRoles = (
  client: IAMClient,
  call: Call
): Pick<CheckReads, 'role' | 'roleOfProfile' | 'refused'> => ({
  role: async (RoleName) => {
    const found = await orNone(
      call('GetRole', (options) => client.send(new GetRoleCommand({ RoleName }), options))
    )
    return found && { trusted: trustedBy(found.Role?.AssumeRolePolicyDocument) }
  },
  roleOfProfile: async (InstanceProfileName) => {
    const found = await orNone(
      call('GetInstanceProfile', (options) =>
        client.send(new GetInstanceProfileCommand({ InstanceProfileName }), options)
      )
    )
    return found?.InstanceProfile?.Roles?.[0]?.Arn
  },
  refused: async ({ role, actions, resource, passedTo }) => {
    const { EvaluationResults = [] } = await call('SimulatePrincipalPolicy', (options) =>
      client.send(
        new SimulatePrincipalPolicyCommand({
          ...{ PolicySourceArn: role, ActionNames: actions },
          ...(resource === undefined ? {} : { ResourceArns: [resource] }),
          ...(passedTo === undefined
            ? {}
            : {
                ContextEntries: [
                  {
                    ContextKeyName: 'iam:PassedToService',
                    ContextKeyValues: [passedTo],
                    ContextKeyType: 'string'
                  }
                ]
              })
        }),
        options
      )
    )
    return EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== 'allowed').flatMap(
      ({ EvalActionName }) => EvalActionName ?? []
    )
  }
})

const orNone = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer
  } catch (error) {
    if (factsOf(error).name.startsWith('NoSuchEntity')) return undefined
    throw error
  }
}

interface TrustStatement {
  Effect?: string
  Principal?: { Service?: string | string[] }
}

/** The services of a trust policy, which comes URL-encoded (API: Role). */
const trustedBy = (document = ''): string[] => {
  try {
    const { Statement = [] } = JSON.parse(decodeURIComponent(document)) as {
      Statement?: TrustStatement | TrustStatement[]
    }
    return [Statement]
      .flat()
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Principal }) => Principal?.Service ?? [])
  } catch {
    return []
  }
}
