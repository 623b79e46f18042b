import { errors, jwtVerify, decodeJwt, type JWTPayload } from 'jose'
import { ServiceError, type CloudClock, type QueryOperations } from '../contract.js'
import type { Need } from './authorize.js'
import { decodedMessage } from './encoded-message.js'
import { secret, uniqueId, type Key, type Keys } from './keys.js'
import type { Policy } from './policy.js'
import { ISSUER, type Issuer } from './token.js'
import { trusts, type TrustPolicy } from './trust.js'

/** A role for web identities. Its policies may change while the cloud runs. */
export interface Role {
  name: string
  id: string
  arn: string
  trust: TrustPolicy
  policy: Policy
  /** What its calls have needed so far, allowed or not, in order. */
  asked: Need[]
  /** Longest session, 3600 to 43200 seconds. */
  maxSessionSeconds: number
}

export interface StsOptions {
  clock: CloudClock
  keys: Keys
  issuer: Issuer
  roles: readonly Role[]
  accountId: string
  /** The audiences that the account's identity provider accepts; empty if there is no provider. */
  audiences: readonly string[]
  /** Limits every session to this many service seconds, so that a test can see it expire. */
  credentialsSeconds?: number
}

const text = (input: Record<string, unknown>, name: string): string => {
  const value = input[name]
  return typeof value === 'string' ? value : ''
}

const invalid = (message: string): ServiceError => new ServiceError('ValidationError', message)
const badToken = (message: string): ServiceError => new ServiceError('InvalidIdentityToken', message)
const notTrusted = (): ServiceError =>
  new ServiceError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403)

const checkInput = (input: Record<string, unknown>): void => {
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(text(input, 'RoleArn')))
    throw invalid('Request ARN is invalid')
  const name = text(input, 'RoleSessionName')
  if (!/^[\w+=,.@-]{2,64}$/.test(name)) {
    throw invalid(
      `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`
    )
  }
}

/**
 * 900 to 43200 according to the model, and never more than the role's own maximum (docs/service.md, reference 7.2 and captures
 * 9).
 */
const duration = (input: Record<string, unknown>, role: Role): number => {
  const given = text(input, 'DurationSeconds')
  const seconds = given === '' ? 3600 : Number(given)
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
    throw invalid(
      `1 validation error detected: Value '${given}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${seconds < 900 ? 'greater than or equal to 900' : 'less than or equal to 43200'}`
    )
  }
  if (seconds > role.maxSessionSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
  return seconds
}

const decode = (token: string): JWTPayload => {
  try {
    return decodeJwt(token)
  } catch {
    throw badToken(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)'
    )
  }
}

/** A token's signature, issuer, audience and lifetime, with the refusals of docs/service.md, captures 9. */
const verify = async (token: string, options: StsOptions): Promise<JWTPayload> => {
  const claims = decode(token)
  if (claims.iss !== ISSUER || options.audiences.length === 0)
    throw badToken(`No OpenIDConnect provider found in your account for ${claims.iss ?? ''}`)
  if (![claims.aud].flat().some((audience) => options.audiences.includes(audience ?? '')))
    throw badToken('Incorrect token audience')
  const now = options.clock.now()
  try {
    const { payload } = await jwtVerify(token, options.issuer.publicKey, {
      issuer: ISSUER,
      currentDate: new Date(now)
    })
    return payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      const age = Math.floor(now / 1000) - (claims.exp ?? 0)
      throw new ServiceError('ExpiredTokenException', `Token too old: ${age}`)
    }
    throw badToken('Token signature invalid')
  }
}

const provider = (accountId: string): string =>
  `arn:aws:iam::${accountId}:oidc-provider/${ISSUER.replace('https://', '')}`

const session = (
  role: Role,
  name: string,
  expiresAt: number,
  accountId: string
): Key & { sessionToken: string } => ({
  accessKeyId: uniqueId('ASIA'),
  secretAccessKey: secret(30),
  sessionToken: secret(240),
  expiresAt,
  caller: { arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${name}`, accountId },
  userId: `${role.id}:${name}`,
  policy: () => role.policy,
  asked: role.asked
})

const assume = async (input: Record<string, unknown>, options: StsOptions): Promise<unknown> => {
  checkInput(input)
  const claims = await verify(text(input, 'WebIdentityToken'), options)
  const role = options.roles.find((one) => one.arn === text(input, 'RoleArn'))
  const trusted = role !== undefined && trusts(role.trust, provider(options.accountId), claims)
  if (!trusted) throw notTrusted()
  const seconds = Math.min(duration(input, role), options.credentialsSeconds ?? Infinity)
  const expiresAt = Math.floor(options.clock.now() / 1000 + seconds) * 1000
  const key = session(role, text(input, 'RoleSessionName'), expiresAt, options.accountId)
  options.keys.add(key)
  return {
    SubjectFromWebIdentityToken: claims.sub,
    Audience: [claims.aud].flat()[0],
    AssumedRoleUser: { AssumedRoleId: key.userId, Arn: key.caller.arn },
    Provider: provider(options.accountId),
    Credentials: {
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      SessionToken: key.sessionToken,
      Expiration: new Date(expiresAt).toISOString().replace('.000Z', 'Z')
    }
  }
}

/**
 * The part of STS that an action needs. AssumeRoleWithWebIdentity is the only unsigned operation (docs/service.md, reference
 * 7.2).
 */
export const createSts = (options: StsOptions): QueryOperations => ({
  AssumeRoleWithWebIdentity: (input) => assume(input, options),
  DecodeAuthorizationMessage: (input) => decodedMessage(text(input, 'EncodedMessage')),
  GetCallerIdentity: (_input, caller) => ({
    Arn: caller.arn,
    UserId: options.keys.of(caller.arn)?.userId,
    Account: caller.accountId
  })
})
