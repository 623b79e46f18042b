import { join } from 'node:path'
import { scaledClock } from './clock.js'
import { defaultSwitches, type CloudClock } from './contract.js'
import { createFaults, type Faults } from './faults.js'
import { createRepository, type Repository } from './github/repository.js'
import { createKeys, secret, uniqueId, type Key, type Keys } from './identity/keys.js'
import { administratorPolicy } from './identity/policy.js'
import { documentedTrust, policyOf, rolePolicy, type RolePlace } from './identity/documents.js'
import { roleOperations } from './identity/role-operations.js'
import { createRole, trustPolicy } from './identity/roles.js'
import type { TrustPolicy } from './identity/trust.js'
import { createSts, type Role } from './identity/sts.js'
import { createIssuer, type Issuer, type Run } from './identity/token.js'
import { defaultOptions, type CloudOptions } from './options.js'
import type { OpenedPlanes } from './planes.js'
import { createBucket, createStore, type Store } from './s3/store.js'
import { previewServicePolicy, PREVIEWS } from './preview-place.js'
import type { RequestRecord } from './wire/call.js'
import type { Services } from './wire/dispatch.js'

const AUDIENCE = 'sts.amazonaws.com'
/** The location and the names of everything in the cloud. */
export const PLACE: RolePlace = {
  accountId: '123456789012',
  region: 'ap-northeast-2',
  bucket: 'example-revisions',
  application: 'ExampleApp',
  deploymentGroup: 'ExampleGroup',
  previewGroup: 'ExamplePreview'
}

/** The workflow run for which the cloud issues tokens by default. */
export const RUN: Run = {
  ...{ owner: 'example-org', ownerId: 10_001, repository: 'example-app', repositoryId: 20_002 },
  ...{ ref: 'refs/heads/main', event: 'push', actor: 'octocat', environment: 'production' },
  sha: '0123456789abcdef0123456789abcdef01234567'
}

/** What the parts need in addition to the options of the command line. */
export interface PartOptions extends Partial<CloudOptions> {
  clock?: CloudClock
  run?: Partial<Run>
}

/** The parts that exist before the first request. */
export interface Parts {
  options: CloudOptions
  clock: CloudClock
  keys: Keys
  administrator: Key
  issuer: Issuer
  run: Run
  role: Role
  /** The service role of the deployment group, the role of the instances, and the two of previews. */
  others: Role[]
  faults: Faults
  repository: Repository
  store: Store
  requestToken: string
}

const newAdministrator = (): Key => ({
  accessKeyId: uniqueId('AKIA'),
  secretAccessKey: secret(30),
  userId: uniqueId('AIDA'),
  caller: { arn: `arn:aws:iam::${PLACE.accountId}:user/administrator`, accountId: PLACE.accountId },
  policy: () => administratorPolicy
})

/** The bucket for the bundles, and one for each problem that people run into with buckets. */
const seedBuckets = (store: Store, created: number): void => {
  const bucket = { region: PLACE.region, owner: PLACE.accountId, created }
  createBucket(store, { ...bucket, name: PLACE.bucket })
  createBucket(store, { ...bucket, name: `${PLACE.bucket}-elsewhere`, region: 'us-west-2' })
  createBucket(store, { ...bucket, name: `${PLACE.bucket}-unversioned`, versioning: '' })
  createBucket(store, { ...bucket, name: `${PLACE.bucket}-foreign`, owner: '999999999999' })
}

/** A role that a service assumes, with a documented policy. What AWS's own policies allow, this cloud does not know. */
const serviceRole = (name: string, Service: string, policy: string): Role =>
  createRole(PLACE.accountId, name, {
    trust: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }]
    } as unknown as TrustPolicy,
    policy: policyOf(PLACE, policy)
  })

/** The instance profiles of the launch templates, and their roles. */
const PROFILES: Readonly<Record<string, string>> = {
  ExampleInstanceProfile: 'ExampleInstanceRole',
  [PREVIEWS.instanceProfile]: PREVIEWS.instanceRole
}

const otherRoles = (hasPreviews: boolean): Role[] => [
  serviceRole('CodeDeployServiceRole', 'codedeploy.amazonaws.com', 'service-role-policy.json'),
  serviceRole('ExampleInstanceRole', 'ec2.amazonaws.com', 'instance-policy.json'),
  ...(hasPreviews
    ? [
        serviceRole(PREVIEWS.serviceRole, 'codedeploy.amazonaws.com', previewServicePolicy()),
        serviceRole(PREVIEWS.instanceRole, 'ec2.amazonaws.com', 'preview-instance-policy.json')
      ]
    : [])
]

/** Creates them; the buckets are below `scratch`. */
export const createParts = async (given: PartOptions, scratch: string): Promise<Parts> => {
  const switches = { ...defaultSwitches, ...given.switches }
  const options: CloudOptions = { ...defaultOptions, ...given, switches }
  const clock = given.clock ?? scaledClock(options.timeScale)
  const run: Run = { ...RUN, ...given.run }
  const trust =
    options.trustSubjects === undefined
      ? documentedTrust(PLACE.accountId, run)
      : trustPolicy(PLACE.accountId, options.trustSubjects, AUDIENCE)
  const store = createStore(join(scratch, 's3'))
  seedBuckets(store, clock.now())
  const [keys, administrator] = [createKeys(), newAdministrator()]
  keys.add(administrator)
  return {
    ...{ options, clock, keys, administrator, run, store },
    role: createRole(PLACE.accountId, 'GitHubActionsDeploy', { trust, policy: rolePolicy(PLACE) }),
    others: otherRoles(options.previews ?? false),
    issuer: await createIssuer(() => options.switches.subject),
    faults: createFaults(options.faults),
    repository: createRepository(options.githubPermissions),
    requestToken: secret(24)
  }
}

/** Everything behind the port. */
export const createServices = (
  parts: Parts,
  { planes }: OpenedPlanes,
  requests: () => readonly RequestRecord[]
): Services => {
  const { clock, keys, issuer, run, role, others, faults, repository, store, requestToken, options } = parts
  const { accountId, region } = PLACE
  const seconds = options.credentialsSeconds
  const [roles, audiences] = [[role, ...others], [AUDIENCE]]
  const sts = createSts({
    ...{ clock, keys, issuer, roles, accountId, audiences },
    ...(seconds === undefined ? {} : { credentialsSeconds: seconds })
  })
  const now = (): number => clock.now()
  const iam = roleOperations({ accountId, now, roles, audiences, profiles: PROFILES })
  return {
    ...{ clock, region, accountId, keys, faults, requests, repository },
    administrator: parts.administrator.caller,
    codedeploy: planes.codedeploy,
    cloudwatch: planes.cloudwatch,
    ssm: planes.ssm,
    fleets: planes.inspect.fleets,
    templates: planes.inspect.templates,
    targetGroups: planes.inspect.targetGroups,
    balancers: planes.inspect.balancers,
    roleOf: (profile) => PROFILES[profile] ?? profile,
    query: { sts, iam, autoscaling: planes.autoscaling, elasticloadbalancing: planes.elbv2, ec2: planes.ec2 },
    s3: { store, accountId, region, now, pageSize: options.pageSize },
    oidc: { issuer, run, requestToken, now }
  }
}
