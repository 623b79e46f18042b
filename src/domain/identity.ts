/** One set of short-lived credentials. Never exported to the environment, an output or the log. */
export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  /** When the service stops accepting them; absent for a long-lived set of a self-hosted runner. */
  expiration?: Date
}

/** The request for AssumeRoleWithWebIdentity. */
export interface AssumeRole {
  roleArn: string
  sessionName: string
  durationSeconds: number
  token: string
}

/** The identity that makes the calls. */
export interface Identity {
  /** Called before every call; renews itself. */
  credentials: () => Promise<Credentials>
  /** Makes the next call fetch new ones, because the service called these expired. */
  renew: () => void
}

/** The claims of a GitHub OIDC token that a trust policy can look at. */
export interface Claims {
  sub: string
  aud: string
  iss: string
  repository: string
  environment: string
  ref: string
}

/**
 * Reads the claims of a JWT without verifying it: they are shown to a person, never trusted. An unreadable token gives
 * empty claims.
 */
export const claimsOf = (token: string): Claims => {
  let body: Record<string, unknown> = {}
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    if (typeof claims === 'object' && claims !== null) body = { ...claims }
  } catch {
    // Shown as empty claims; the refusal itself is reported anyway.
  }
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name] : '')
  return {
    sub: text('sub'),
    aud: text('aud'),
    iss: text('iss'),
    repository: text('repository'),
    environment: text('environment'),
    ref: text('ref')
  }
}

/**
 * The trust-policy statement that accepts exactly this token. Repositories created since 15 July 2026 have ids in their `sub`
 * (`repo:ORG@ID/REPO@ID:…`), so the condition copies the token's value (docs/service.md, reference 7.3).
 */
export const matchingTrustPolicy = (claims: Claims, account: string, partition = 'aws'): string => {
  const provider = claims.iss.replace(/^https:\/\//, '') || 'token.actions.githubusercontent.com'
  return JSON.stringify(
    {
      Effect: 'Allow',
      Principal: { Federated: `arn:${partition}:iam::${account}:oidc-provider/${provider}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [`${provider}:aud`]: claims.aud, [`${provider}:sub`]: claims.sub } }
    },
    undefined,
    2
  )
}

/** The same subject in the other form, for a policy that must match old and new repositories. */
export const otherSubjectForm = (sub: string): string => {
  const withoutIds = sub.replace(/^repo:([^@/]+)@\d+\/([^@:]+)@\d+:/, 'repo:$1/$2:')
  return withoutIds === sub ? sub.replace(/^repo:([^/]+)\/([^:]+):/, 'repo:$1@*/$2@*:') : withoutIds
}

/** Who the run is and where it works; every command that calls AWS has it. */
export interface IdentityInputs {
  region: string
  roleToAssume?: string | undefined
  roleSessionName: string
  roleDurationSeconds: number
  audience: string
  allowedAccountIds: string[]
}
