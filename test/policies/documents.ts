import { readdirSync } from 'node:fs'
import {
  CLEANUP_ROLE,
  PREVIEW_CLEANUP_ROLE,
  documentedPolicy,
  DOCUMENTS,
  ROLES,
  type RolePlace,
  SETUP_ROLE
} from '../cloud/identity/documents.js'
import type { Policy, Statement } from '../cloud/identity/policy.js'

/** One action of one documented statement. */
export interface Granted {
  file: string
  action: string
  /** Whether it is allowed on every resource. */
  everywhere: boolean
}

const actionsOf = ({ Action }: Statement): string[] => [Action].flat()

/** Whether a document is enough for a role; the others are given in addition to one of these. */
export const isRole = (file: string): boolean =>
  [...ROLES, SETUP_ROLE, CLEANUP_ROLE, PREVIEW_CLEANUP_ROLE].some((role) => role === file)

/** Everything that the documents allow the action's roles to do. */
export const grantedActions = (place: RolePlace): Granted[] =>
  readdirSync(DOCUMENTS)
    .filter((file) => isRole(file) || file.startsWith('optional-'))
    .sort()
    .flatMap((file) =>
      documentedPolicy(file, place).Statement.flatMap((statement) =>
        actionsOf(statement).map((action) => ({ file, action, everywhere: statement.Resource === '*' }))
      )
    )

/** The policy without one action. */
export const without = (policy: Policy, action: string): Policy => ({
  ...policy,
  Statement: policy.Statement.map((statement) => ({
    ...statement,
    Action: actionsOf(statement).filter((one) => one !== action)
  }))
})

/** The policy with one action allowed only on this resource. */
export const narrowed = (policy: Policy, action: string, resource: string): Policy => ({
  ...policy,
  Statement: [...without(policy, action).Statement, { Effect: 'Allow', Action: action, Resource: resource }]
})
