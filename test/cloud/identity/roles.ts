import { uniqueId } from './keys.js'
import type { Policy } from './policy.js'
import type { Role } from './sts.js'
import { ISSUER, type Run } from './token.js'
import type { TrustPolicy } from './trust.js'

/** What the role of the action may do, and where. */
export interface RolePlace {
  accountId: string
  region: string
  bucket: string
  application: string
  deploymentGroup: string
}

/** The least policy under which every command of the action works; what the README tells users to attach. */
export const leastPolicy = (place: RolePlace): Policy => {
  const codedeploy = `arn:aws:codedeploy:${place.region}:${place.accountId}`
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Revisions',
        Effect: 'Allow',
        Action: [
          's3:PutObject',
          's3:GetObject',
          's3:GetObjectVersion',
          's3:AbortMultipartUpload',
          's3:PutObjectTagging',
          's3:GetObjectTagging'
        ],
        Resource: `arn:aws:s3:::${place.bucket}/*`
      },
      {
        Sid: 'Bucket',
        Effect: 'Allow',
        Action: ['s3:ListBucket', 's3:ListBucketVersions', 's3:GetBucketLocation', 's3:GetBucketVersioning'],
        Resource: `arn:aws:s3:::${place.bucket}`
      },
      {
        Sid: 'Application',
        Effect: 'Allow',
        Action: [
          'codedeploy:GetApplication',
          'codedeploy:GetApplicationRevision',
          'codedeploy:RegisterApplicationRevision',
          'codedeploy:ListApplicationRevisions',
          'codedeploy:BatchGetApplicationRevisions'
        ],
        Resource: `${codedeploy}:application:${place.application}`
      },
      {
        Sid: 'Deployments',
        Effect: 'Allow',
        Action: [
          'codedeploy:CreateDeployment',
          'codedeploy:GetDeploymentGroup',
          'codedeploy:GetDeployment',
          'codedeploy:BatchGetDeployments',
          'codedeploy:ListDeployments'
        ],
        Resource: `${codedeploy}:deploymentgroup:${place.application}/${place.deploymentGroup}`
      },
      {
        Sid: 'Configurations',
        Effect: 'Allow',
        Action: 'codedeploy:GetDeploymentConfig',
        Resource: `${codedeploy}:deploymentconfig:*`
      },
      {
        Sid: 'Targets',
        Effect: 'Allow',
        Action: [
          'codedeploy:ListDeploymentTargets',
          'codedeploy:BatchGetDeploymentTargets',
          'codedeploy:StopDeployment',
          'codedeploy:ContinueDeployment'
        ],
        Resource: '*'
      },
      {
        Sid: 'HealthOfInstances',
        Effect: 'Allow',
        Action: ['elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetHealth'],
        Resource: '*'
      }
    ]
  }
}

const HOST = ISSUER.replace('https://', '')

/** Lets tokens in whose `sub` fits one of these patterns, with the audience of STS. */
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

/** Both forms of a repository's subjects: by names, and by names and ids (reference §7.3). */
export const repositorySubjects = (run: Run): string[] => [
  `repo:${run.owner}/${run.repository}:*`,
  `repo:${run.owner}@${run.ownerId}/${run.repository}@${run.repositoryId}:*`
]

export const createRole = (
  accountId: string,
  name: string,
  documents: { trust: TrustPolicy; policy: Policy }
): Role => ({
  name,
  id: uniqueId('AROA'),
  arn: `arn:aws:iam::${accountId}:role/${name}`,
  maxSessionSeconds: 3600,
  ...documents
})
