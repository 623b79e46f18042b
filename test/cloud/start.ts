import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scaledClock, type SteppedClock } from './clock.js'
import type { Caller, CloudClock, JsonOperations, QueryOperations } from './contract.js'
import { createFaults, type Faults } from './faults.js'
import { createRepository, type Repository } from './github/rest.js'
import { createKeys, secret, uniqueId, type Keys } from './identity/keys.js'
import { administratorPolicy } from './identity/policy.js'
import { createRole, leastPolicy, repositorySubjects, trustPolicy, type RolePlace } from './identity/roles.js'
import { createSts, type Role } from './identity/sts.js'
import { createIssuer, type Issuer, type Run } from './identity/token.js'
import { defaultOptions, type CloudOptions } from './options.js'
import { createBucket, createStore, type Store } from './s3/store.js'
import type { RequestRecord } from './wire/call.js'
import { dispatch, type Services } from './wire/dispatch.js'
import { startWire, type Wire } from './wire/server.js'

const ACCOUNT = '123456789012'
const REGION = 'ap-northeast-2'
const AUDIENCE = 'sts.amazonaws.com'
const PLACE: RolePlace = {
  accountId: ACCOUNT,
  region: REGION,
  bucket: 'example-revisions',
  application: 'ExampleApp',
  deploymentGroup: 'ExampleGroup'
}

/** The workflow run whose tokens the cloud issues unless told otherwise. */
const RUN: Run = {
  owner: 'example-org',
  ownerId: 10_001,
  repository: 'example-app',
  repositoryId: 20_002,
  ref: 'refs/heads/main',
  event: 'push',
  sha: '0123456789abcdef0123456789abcdef01234567',
  actor: 'octocat'
}

/** What `startCloud` takes beside the options of the command line. */
export interface StartOptions extends Partial<CloudOptions> {
  /** A clock handed in by a test; else real time, scaled. */
  clock?: CloudClock & Partial<Pick<SteppedClock, 'hold'>>
  run?: Partial<Run>
  /** Where faults of the cloud itself are told (default: standard error). */
  warn?: (text: string) => void
}

/** A running cloud. */
export interface Cloud {
  /** What a client needs in its environment; the keys are those of `--env-file`. */
  env: Record<string, string>
  url: string
  requests: RequestRecord[]
  faults: Faults
  clock: CloudClock
  /** The role of the action: a test may change its trust and its policy while the cloud runs. */
  role: Role
  /** The run for which tokens are issued; a test may change it. */
  run: Run
  repository: Repository
  store: Store
  /** Ends everything that was started and removes what was written. */
  stop(): Promise<void>
}

interface Parts {
  options: CloudOptions
  clock: CloudClock
  keys: Keys
  issuer: Issuer
  run: Run
  role: Role
  administrator: Caller
  faults: Faults
  repository: Repository
  store: Store
  requestToken: string
}

const addAdministrator = (keys: Keys): { caller: Caller; accessKeyId: string; secretAccessKey: string } => {
  const caller = { arn: `arn:aws:iam::${ACCOUNT}:user/administrator`, accountId: ACCOUNT }
  const pair = { accessKeyId: uniqueId('AKIA'), secretAccessKey: secret(30) }
  keys.add({ ...pair, caller, userId: uniqueId('AIDA'), policy: () => administratorPolicy })
  return { caller, ...pair }
}

const seedBuckets = (store: Store, created: number): void => {
  createBucket(store, { name: PLACE.bucket, region: REGION, owner: ACCOUNT, created })
  createBucket(store, { name: `${PLACE.bucket}-elsewhere`, region: 'us-west-2', owner: ACCOUNT, created })
  createBucket(store, {
    name: `${PLACE.bucket}-unversioned`,
    region: REGION,
    owner: ACCOUNT,
    created,
    versioning: ''
  })
  createBucket(store, { name: `${PLACE.bucket}-foreign`, region: REGION, owner: '999999999999', created })
}

const servicesOf = (
  parts: Parts,
  planes: { codedeploy: JsonOperations; query: Record<string, QueryOperations> },
  requests: () => readonly RequestRecord[]
): Services => {
  const { clock, keys, issuer, run, role, administrator, faults, repository, store, requestToken, options } =
    parts
  const seconds = options.credentialsSeconds
  const sts = createSts({
    ...{ clock, keys, issuer, roles: [role], accountId: ACCOUNT, audiences: [AUDIENCE] },
    ...(seconds === undefined ? {} : { credentialsSeconds: seconds })
  })
  return {
    ...{ clock, region: REGION, accountId: ACCOUNT, administrator, keys, faults, requests, repository },
    codedeploy: planes.codedeploy,
    query: { sts, ...planes.query },
    s3: { store, accountId: ACCOUNT, region: REGION, now: () => clock.now(), pageSize: options.pageSize },
    oidc: { issuer, run, requestToken, now: () => clock.now() }
  }
}

/** Starts a cloud on a free loopback port. Everything it writes is below one scratch folder, which `stop` removes. */
export const startCloud = async (given: StartOptions = {}): Promise<Cloud> => {
  const options: CloudOptions = { ...defaultOptions, ...given }
  const clock: StartOptions['clock'] & CloudClock = given.clock ?? scaledClock(options.timeScale)
  const { hold } = clock
  const scratch = await mkdtemp(join(tmpdir(), 'local-cloud-'))
  const keys = createKeys()
  const administrator = addAdministrator(keys)
  const run: Run = { ...RUN, ...given.run }
  const trust = trustPolicy(ACCOUNT, options.trustSubjects ?? repositorySubjects(run), AUDIENCE)
  const role = createRole(ACCOUNT, 'GitHubActionsDeploy', { trust, policy: leastPolicy(PLACE) })
  const store = createStore(join(scratch, 's3'))
  seedBuckets(store, clock.now())
  const parts: Parts = {
    ...{ options, clock, keys, run, role, store, administrator: administrator.caller },
    issuer: await createIssuer(() => options.switches.subject),
    faults: createFaults(options.faults),
    repository: createRepository(),
    requestToken: secret(24)
  }
  const wire: { current?: Wire } = {}
  const services = servicesOf(parts, { codedeploy: {}, query: {} }, () => wire.current?.requests ?? [])
  const started = await startWire({
    clock,
    faults: parts.faults,
    serve: (call, now) => dispatch(call, services, now),
    warn: given.warn ?? ((text) => console.error(text)),
    ...(hold === undefined ? {} : { hold })
  })
  wire.current = started
  return {
    ...{ url: started.url, requests: started.requests, clock, role, run, store },
    ...{ faults: parts.faults, repository: parts.repository },
    env: environment(started.url, { administrator, parts }),
    stop: async () => {
      await started.close()
      await rm(scratch, { recursive: true, force: true })
    }
  }
}

const environment = (
  url: string,
  { administrator, parts }: { administrator: { accessKeyId: string; secretAccessKey: string }; parts: Parts }
): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: REGION,
  // Version 1 of the aws command line reads only this one.
  AWS_DEFAULT_REGION: REGION,
  AWS_ACCESS_KEY_ID: administrator.accessKeyId,
  AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
  ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/_github/oidc/token?api-version=2.0`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: parts.requestToken,
  GITHUB_API_URL: `${url}/_github/api`,
  ROLE_ARN: parts.role.arn,
  APPLICATION_NAME: PLACE.application,
  DEPLOYMENT_GROUP_NAME: PLACE.deploymentGroup,
  S3_BUCKET: PLACE.bucket
})
