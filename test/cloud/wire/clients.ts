import { CodeDeployClient } from '@aws-sdk/client-codedeploy'
import { S3Client } from '@aws-sdk/client-s3'
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import type { Cloud } from '../start.js'

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

/** The credentials of the cloud's administrator. */
export const administrator = (cloud: Cloud): Credentials => ({
  accessKeyId: cloud.env['AWS_ACCESS_KEY_ID'] ?? '',
  secretAccessKey: cloud.env['AWS_SECRET_ACCESS_KEY'] ?? ''
})

/** The SDK's real clients for a running cloud; they do not retry, so that a test sees each refusal. */
export const clientsOf = (
  cloud: Cloud,
  { credentials = administrator(cloud), region = 'ap-northeast-2', maxAttempts = 1 } = {}
): { s3: S3Client; sts: STSClient; codedeploy: CodeDeployClient } => {
  const options = { endpoint: cloud.url, region, credentials, maxAttempts }
  return { s3: new S3Client(options), sts: new STSClient(options), codedeploy: new CodeDeployClient(options) }
}

/** A token for this audience, from the runner's endpoint. */
export const idToken = async (cloud: Cloud, audience = 'sts.amazonaws.com'): Promise<string> => {
  const url = `${cloud.env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''}&audience=${encodeURIComponent(audience)}`
  const authorization = `Bearer ${cloud.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''}`
  const response = await fetch(url, { headers: { authorization } })
  return ((await response.json()) as { value: string }).value
}

/** Credentials of the action's role, as a job has them. */
export const roleCredentials = async (cloud: Cloud): Promise<Credentials> => {
  const { Credentials } = await clientsOf(cloud).sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: cloud.role.arn,
      RoleSessionName: 'run',
      WebIdentityToken: await idToken(cloud)
    })
  )
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
}

/** The name of a call's refusal, or `none`. */
export const refusalOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.name : String(error))
  )
