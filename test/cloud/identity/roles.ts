import { uniqueId } from './keys.js'
import type { Policy } from './policy.js'
import type { Role } from './sts.js'
import { ISSUER } from './token.js'
import type { TrustPolicy } from './trust.js'

const HOST = ISSUER.replace('https://', '')

/** Accepts tokens whose `sub` matches one of these patterns, with the audience of STS. */
export const trustPolicy = (
  accountId: string,
  subjects: readonly string[],
  audience: string
): TrustPolicy => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${HOST}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${HOST}:aud`]: audience },
        StringLike: { [`${HOST}:sub`]: [...subjects] }
      }
    }
  ]
})

export const createRole = (
  accountId: string,
  name: string,
  documents: { trust: TrustPolicy; policy: Policy }
): Role => ({
  name,
  id: uniqueId('AROA'),
  arn: `arn:aws:iam::${accountId}:role/${name}`,
  maxSessionSeconds: 3600,
  asked: [],
  ...documents
})
