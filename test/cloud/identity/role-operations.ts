import { ServiceError, type QueryOperations } from '../contract.js'
import type { Need } from './authorize.js'
import { uniqueId } from './keys.js'
import { roleReads } from './role-reads.js'
import type { Policy } from './policy.js'
import type { Role } from './sts.js'
import { ISSUER } from './token.js'
import type { TrustPolicy } from './trust.js'

/** The roles of the account and who may assume them, shared with STS: a role that is made here can be assumed at once. */
export interface Account {
  accountId: string
  /** Epoch milliseconds. */
  now: () => number
  roles: Role[]
  /** The audiences of GitHub's identity provider; empty if there is none. */
  audiences: string[]
  /** Instance profiles that are there from the start, each with its role. */
  profiles?: Readonly<Record<string, string>>
}

type Form = Record<string, unknown>

const text = (form: Form, member: string): string => {
  const value = form[member]
  if (typeof value === 'string' && value !== '') return value
  throw new ServiceError(
    'ValidationError',
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`
  )
}

const texts = (form: Form, member: string): string[] =>
  Array.isArray(form[member]) ? (form[member] as string[]) : []

const taken = (message: string): ServiceError => new ServiceError('EntityAlreadyExists', message, 409)
const unknown = (message: string): ServiceError => new ServiceError('NoSuchEntity', message, 404)

/** A document as a policy; it must at least be JSON with statements (IAM: MalformedPolicyDocument). */
const documentOf = (form: Form, member: string): { Statement: unknown[] } => {
  try {
    const document = JSON.parse(text(form, member)) as { Statement?: unknown }
    if (Array.isArray(document.Statement)) return document as { Statement: unknown[] }
  } catch (error) {
    if (error instanceof ServiceError) throw error
  }
  throw new ServiceError('MalformedPolicyDocument', 'Syntax errors in policy.')
}

interface Managed {
  role: Role
  /** By name; together they are what the role may do. What AWS's own policies allow, this cloud does not know. */
  inline: Map<string, Policy>
  attached: Set<string>
}

interface Profile {
  roles: string[]
}

const answerOf = (role: Role, path: string, form: Form, now: number): object => ({
  Path: path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: new Date(now),
  AssumeRolePolicyDocument: encodeURIComponent(text(form, 'AssumeRolePolicyDocument')),
  MaxSessionDuration: role.maxSessionSeconds
})

const newRole = (account: Account, form: Form): Role => {
  const name = text(form, 'RoleName')
  if (account.roles.some((role) => role.name === name)) throw taken(`Role with name ${name} already exists.`)
  return {
    name,
    id: uniqueId('AROA'),
    arn: `arn:aws:iam::${account.accountId}:role/${name}`,
    trust: documentOf(form, 'AssumeRolePolicyDocument') as unknown as TrustPolicy,
    policy: { Version: '2012-10-17', Statement: [] },
    asked: [],
    maxSessionSeconds: Number(form['MaxSessionDuration'] ?? 3600)
  }
}

/** The part of IAM that makes an account ready for deployments: roles, instance profiles, and GitHub's identity provider. */
export const roleOperations = (account: Account): QueryOperations => {
  const managed = new Map<string, Managed>()
  const profiles = new Map<string, Profile>(
    Object.entries(account.profiles ?? {}).map(([name, role]) => [name, { roles: [role] }])
  )
  const found = (form: Form): Managed => {
    const name = text(form, 'RoleName')
    const known = managed.get(name)
    const role = account.roles.find((one) => one.name === name)
    if (role === undefined) throw unknown(`The role with name ${name} cannot be found.`)
    const entry = known ?? { role, inline: new Map([['seeded', role.policy]]), attached: new Set() }
    managed.set(name, entry)
    return entry
  }
  const profileOf = (name: string): Profile => {
    const profile = profiles.get(name)
    if (profile === undefined) throw unknown(`Instance Profile ${name} cannot be found.`)
    return profile
  }
  const provider = `arn:aws:iam::${account.accountId}:oidc-provider/${ISSUER.replace('https://', '')}`
  return {
    ...roleReads({
      accountId: account.accountId,
      role: (name) => found({ RoleName: name }).role,
      profile: (name) => profileOf(name).roles
    }),
    CreateRole: (form) => {
      const role = newRole(account, form)
      account.roles.push(role)
      managed.set(role.name, { role, inline: new Map(), attached: new Set() })
      return { Role: answerOf(role, '/', form, account.now()) }
    },
    PutRolePolicy: (form) => {
      const { role, inline } = found(form)
      inline.set(text(form, 'PolicyName'), documentOf(form, 'PolicyDocument') as unknown as Policy)
      const Statement = [...inline.values()].flatMap((policy) => policy.Statement)
      role.policy = { Version: '2012-10-17', Statement }
      return {}
    },
    AttachRolePolicy: (form) => {
      found(form).attached.add(text(form, 'PolicyArn'))
      return {}
    },
    CreateInstanceProfile: (form) => {
      const name = text(form, 'InstanceProfileName')
      if (profiles.has(name)) throw taken(`Instance Profile ${name} already exists.`)
      profiles.set(name, { roles: [] })
      return {
        InstanceProfile: {
          Path: '/',
          InstanceProfileName: name,
          InstanceProfileId: uniqueId('AIPA'),
          Arn: `arn:aws:iam::${account.accountId}:instance-profile/${name}`,
          CreateDate: new Date(account.now()),
          Roles: []
        }
      }
    },
    AddRoleToInstanceProfile: (form) => {
      const name = text(form, 'InstanceProfileName')
      const profile = profileOf(name)
      const { role } = found(form)
      if (profile.roles.length > 0)
        throw new ServiceError(
          'LimitExceeded',
          'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
          409
        )
      profile.roles.push(role.name)
      return {}
    },
    CreateOpenIDConnectProvider: (form) => {
      const url = text(form, 'Url')
      if (url !== ISSUER)
        throw new ServiceError('InvalidInput', `The local cloud has tokens of ${ISSUER} alone.`)
      if (account.audiences.length > 0) throw taken(`Provider with url ${url} already exists.`)
      account.audiences.push(...texts(form, 'ClientIDList'))
      return { OpenIDConnectProviderArn: provider }
    },
    DeleteOpenIDConnectProvider: (form) => {
      if (text(form, 'OpenIDConnectProviderArn') !== provider || account.audiences.length === 0)
        throw unknown('OpenIDConnect Provider not found.')
      account.audiences.length = 0
      return {}
    }
  }
}

/** What a call needs: its own action on the role, the instance profile or the provider (service authorization reference: iam). */
export const roleNeed = (operation: string, form: Form, accountId: string): Need => {
  const arn = (kind: string, name: unknown): string => `arn:aws:iam::${accountId}:${kind}/${String(name)}`
  const { InstanceProfileName: profile, RoleName: role, PolicySourceArn: source } = form
  if (typeof source === 'string') return { action: `iam:${operation}`, resource: source }
  const resource =
    profile !== undefined ? arn('instance-profile', profile) : role !== undefined ? arn('role', role) : '*'
  return { action: `iam:${operation}`, resource }
}
