import { CodeDeployClient } from '@aws-sdk/client-codedeploy'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { S3Client } from '@aws-sdk/client-s3'
import type { Identity } from '../domain/identity.js'
import type { Clock, CodeDeploy, Sts, TargetHealth } from '../ports.js'
import type {
  BucketPlace,
  BundleStore,
  ObjectStore,
  RecordStore,
  ManifestPlace,
  ManifestStore
} from '../storage-port.js'
import { bundleStore } from './bundle-store.js'
import {
  alwaysAsked,
  type ClientConfig,
  clientConfig,
  defaultTimeouts,
  type Timeouts
} from './client-config.js'
import { codeDeploy } from './codedeploy.js'
import { connection } from './connection.js'
import { type Fetch, fetchOver } from './fetch.js'
import { targetHealth } from './load-balancer.js'
import { requestIdToken, type TokenEndpoint } from './oidc.js'
import { manifestStore } from './manifest-store.js'
import { recordStore } from './record-store.js'
import type { RetryPolicy } from './retry.js'
import { objectStore, sendingClient } from './s3.js'
import { sts } from './sts.js'
import { type Trace, traced } from './trace.js'

/** What every connection shares. Tests pass shorter timeouts. */
export interface Connecting {
  clock: Clock
  tell: (sentence: string) => void
  /** Shared by all connections of a run, so that each operation's failures are reported once. */
  told: Map<string, number>
  /** The documented policy of this run's role. */
  rolePolicy?: string | undefined
  signal?: AbortSignal | undefined
  /** Ends what still runs after a cancel, which is only the abort of an upload. */
  lastMoment?: AbortSignal | undefined
  timeouts?: Timeouts
  /** Only with debug logging. */
  trace?: Trace | undefined
}

/** A failed poll is not a failed deployment: reads of a running one are retried for ten minutes (docs/service.md, reference 5). */
const WATCH_PATIENCE_MS = 10 * 60_000

/** Before anything has changed, two minutes of failures (six calls that hang) are enough to give up. */
const START_PATIENCE_MS = 2 * 60_000

/** The deployments show the same as the load balancer, so a run does not wait long for its answer. */
const HEALTH_PATIENCE_MS = 20_000

/** A run continues without the record, and a rollback must not wait long for it. */
const RECORD_PATIENCE_MS = 20_000

/** How the calls of a connection are retried. */
export const patience = (connecting: Connecting, patienceMs: number, identity?: Identity): RetryPolicy => ({
  clock: connecting.clock,
  patienceMs,
  tell: connecting.tell,
  told: connecting.told,
  signal: connecting.signal,
  rolePolicy: connecting.rolePolicy,
  renewCredentials: identity?.renew
})

/** A client of the SDK that makes its calls as this identity. */
export const open = <Client extends object>(
  SdkClient: new (config: ClientConfig & { credentials: ReturnType<typeof alwaysAsked> }) => Client,
  region: string,
  identity: Identity,
  { timeouts = defaultTimeouts, trace }: Connecting
): Client =>
  traced(new SdkClient({ ...clientConfig(region, timeouts), credentials: alwaysAsked(identity) }), trace)

/** A fetch for GitHub. */
export const connectFetch = ({
  timeouts: { connectMs, requestMs } = defaultTimeouts,
  trace
}: Pick<Connecting, 'timeouts' | 'trace'>): Fetch =>
  fetchOver(connection({ connectMs, silenceMs: requestMs }), trace)

/** Fetches a new OIDC token from GitHub on every call. */
export const connectTokens =
  (endpoint: TokenEndpoint, connecting: Connecting) =>
  (audience: string): Promise<string> =>
    requestIdToken(endpoint, audience, {
      fetch: connectFetch(connecting),
      patience: patience(connecting, START_PATIENCE_MS)
    })

export const connectSts = (region: string, connecting: Connecting): Sts =>
  sts(
    region,
    connecting.timeouts ?? defaultTimeouts,
    patience(connecting, START_PATIENCE_MS),
    connecting.trace
  )

export const connectCodeDeploy = (region: string, identity: Identity, connecting: Connecting): CodeDeploy =>
  codeDeploy(
    open(CodeDeployClient, region, identity, connecting),
    patience(connecting, WATCH_PATIENCE_MS, identity)
  )

export const connectHealth = (region: string, identity: Identity, connecting: Connecting): TargetHealth =>
  targetHealth(
    open(ElasticLoadBalancingV2Client, region, identity, connecting),
    patience(connecting, HEALTH_PATIENCE_MS, identity)
  )

export const connectStore = (place: BucketPlace, identity: Identity, connecting: Connecting): BundleStore =>
  bundleStore(open(S3Client, place.region, identity, connecting), {
    ...place,
    patience: patience(connecting, START_PATIENCE_MS, identity)
  })

export const connectRecords = (
  place: BucketPlace,
  key: string,
  identity: Identity,
  connecting: Connecting
): RecordStore =>
  recordStore(open(S3Client, place.region, identity, connecting), {
    ...place,
    key,
    patience: patience(connecting, RECORD_PATIENCE_MS, identity)
  })

export const connectManifests = (
  place: ManifestPlace,
  identity: Identity,
  connecting: Connecting
): ManifestStore =>
  manifestStore(open(S3Client, place.region, identity, connecting), {
    ...place,
    patience: patience(connecting, RECORD_PATIENCE_MS, identity)
  })

/** Where bundles are stored: large bodies, many parts at once. */
export const connectObjects = (place: BucketPlace, identity: Identity, connecting: Connecting): ObjectStore =>
  objectStore(
    traced(sendingClient(place.region, identity, connecting.timeouts ?? defaultTimeouts), connecting.trace),
    {
      ...place,
      patience: patience(connecting, START_PATIENCE_MS, identity),
      lastMoment: connecting.lastMoment
    }
  )
