import { createHash } from 'node:crypto'

/** Whose previews they are: those of another repository or application are foreign. */
export interface PreviewOwner {
  /** `owner/name` on GitHub. */
  repository: string
  /** The application that a merge deploys to, not that of the previews. */
  application: string
}

/** Tags by key. */
export type Tags = Readonly<Record<string, string>>

/**
 * Everything of an environment bears these tags, and policies limit what a role may touch by them (docs/iam). Their values are names on GitHub and
 * in CodeDeploy, all of whose characters are allowed in tags.
 */
export const tagsOf = (number: number, { repository, application }: PreviewOwner): Tags => ({
  PreviewRepository: repository,
  PreviewApplication: application,
  PreviewPullRequest: String(number)
})

/** Whether something with these tags belongs to this environment. */
export const isOf = (tags: Tags, number: number, owner: PreviewOwner): boolean =>
  Object.entries(tagsOf(number, owner)).every(([key, value]) => tags[key] === value)

/** The pull request that something with these tags belongs to; undefined for what is foreign. */
export const pullIn = (tags: Tags, owner: PreviewOwner): number | undefined => {
  const number = Number(tags['PreviewPullRequest'])
  return Number.isInteger(number) && number > 0 && isOf(tags, number, owner) ? number : undefined
}

/**
 * The name of everything in an environment: target group, Auto Scaling group and deployment group. A target group may have 32 characters (ELB API:
 * CreateTargetGroup) and is named once in an account and region, so repository and application are in it as a hash.
 */
export const environmentName = (number: number, owner: PreviewOwner): string =>
  `pr-${number}-${hashOf(owner)}`

/** The pull request of an environment of this owner with this name. A name proves nothing: its tags decide. */
export const numberIn = (name: string, owner: PreviewOwner): number | undefined => {
  const [, number, hash] = /^pr-([1-9]\d{0,9})-([0-9a-f]{10})$/.exec(name) ?? []
  return hash === hashOf(owner) ? Number(number) : undefined
}

const hashOf = ({ repository, application }: PreviewOwner): string =>
  createHash('sha256').update(`${repository}\n${application}`).digest('hex').slice(0, 10)

/** `pr-{number}.preview.example.com` → `pr-7.preview.example.com`. */
export const hostFor = (pattern: string, number: number): string =>
  pattern.replaceAll('{number}', String(number)).toLowerCase()

/** `arn:aws:elasticloadbalancing:ap-northeast-2:111122223333:listener/app/previews/…` → partition and account. */
const accountOf = (arn: string): { partition: string; account: string } => {
  const [, partition = 'aws', , , account = ''] = arn.split(':')
  return { partition, account }
}

/** The ARN of a deployment group (IAM: resource types of AWS CodeDeploy). A listener is always in the account of its rules. */
export const deploymentGroupArn = (
  { application, group }: { application: string; group: string },
  { region, listener }: { region: string; listener: string }
): string => {
  const { partition, account } = accountOf(listener)
  return `arn:${partition}:codedeploy:${region}:${account}:deploymentgroup:${application}/${group}`
}
