import { ServiceError, type QueryOperations } from '../contract.js'
import { evaluate, type Verdict } from './policy.js'
import type { Role } from './sts.js'

/** What IAM knows of an account, by name. */
export interface RoleBook {
  accountId: string
  role: (name: string) => Role
  /** The names of its roles. */
  profile: (name: string) => readonly string[]
}

type Form = Record<string, unknown>

/** IAM's words for a decision (API: PolicyEvaluationDecisionType). */
const DECISIONS: Record<Verdict, string> = {
  allowed: 'allowed',
  'explicit-deny': 'explicitDeny',
  'implicit-deny': 'implicitDeny'
}

const list = <T>(form: Form, member: string): T[] =>
  Array.isArray(form[member]) ? (form[member] as T[]) : []

const required = (form: Form, member: string): string => {
  const value = form[member]
  if (typeof value === 'string' && value !== '') return value
  throw new ServiceError('ValidationError', `Value null at '${member}' failed to satisfy constraint`)
}

const answerOf = ({ name, id, arn, trust, maxSessionSeconds }: Role): object => ({
  ...{ Path: '/', RoleName: name, RoleId: id, Arn: arn },
  CreateDate: new Date(0),
  AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trust)),
  MaxSessionDuration: maxSessionSeconds
})

/** Reads of roles and instance profiles, and what a role's own policies would decide (API: SimulatePrincipalPolicy). */
export const roleReads = ({ accountId, role, profile }: RoleBook): QueryOperations => ({
  GetRole: (form) => ({ Role: answerOf(role(required(form, 'RoleName'))) }),
  GetInstanceProfile: (form) => {
    const name = required(form, 'InstanceProfileName')
    return {
      InstanceProfile: {
        ...{ Path: '/', InstanceProfileName: name, InstanceProfileId: 'AIPA0123456789ABCDEF0' },
        Arn: `arn:aws:iam::${accountId}:instance-profile/${name}`,
        CreateDate: new Date(0),
        Roles: profile(name).map((one) => answerOf(role(one)))
      }
    }
  },
  SimulatePrincipalPolicy: (form) => {
    const { policy } = role(required(form, 'PolicySourceArn').split('/').at(-1) ?? '')
    const context = Object.fromEntries(
      list<{ ContextKeyName: string; ContextKeyValues: string[] }>(form, 'ContextEntries').map(
        ({ ContextKeyName, ContextKeyValues: [value = ''] }) => [ContextKeyName, value]
      )
    )
    const given = list<string>(form, 'ResourceArns')
    const resources = given.length === 0 ? ['*'] : given
    return {
      IsTruncated: false,
      EvaluationResults: list<string>(form, 'ActionNames').flatMap((EvalActionName) =>
        resources.map((EvalResourceName) => ({
          ...{ EvalActionName, EvalResourceName },
          EvalDecision: DECISIONS[evaluate(policy, EvalActionName, EvalResourceName, context)],
          MatchedStatements: [],
          MissingContextValues: []
        }))
      )
    }
  }
})
